import { machine } from '../index.ts'

export async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args
  if (name === 'exec') {
    const argv = rest[0] === '--' ? rest.slice(1) : rest
    return (await machine().exec(argv)).exitCode
  }
  if (name === 'shell') return (await machine().exec(['bash', '-i'], {})).exitCode
  if (name === 'down') await machine().down()
  else if (name === 'status') console.log(await machine().status())
  else if (name === 'logs') process.stdout.write(machine().logs())
  else if (name === 'toolchain') {
    const { bpfToolchain } = await import('../toolchain.ts')
    console.log(JSON.stringify(await bpfToolchain(), null, 2))
  }
  return 0
}
