import { bpfToolchain } from '../src/toolchain.ts'
console.log(JSON.stringify(await bpfToolchain(), null, 2))
