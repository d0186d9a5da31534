import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { thrown } from '../../../test/thrown.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { BpfObject } from '../bpf-object.ts'

const path = compileBpf('basic.bpf.c')
const bytes = new Uint8Array(readFileSync(path))

test('an object opens from a path, a file URL and bytes, and is named after its file', () => {
  using fromPath = BpfObject.open(path)
  using fromUrl = BpfObject.open(pathToFileURL(path))
  using fromBytes = BpfObject.open(bytes, { name: 'mine' })
  expect([fromPath.name, fromUrl.name, fromBytes.name]).toEqual(['basic', 'basic', 'mine'])
  expect(Object.keys(fromBytes.programs)).toEqual(['on_getpgid', 'on_sys_enter', 'on_call', 'pass'])
})

test('the bytes are copied: changing them afterwards changes nothing', () => {
  const own = Uint8Array.from(bytes)
  using spec = BpfObject.open(own, { name: 'mine' })
  own.fill(0xff)
  using object = spec.load()
  expect(object.program('pass').type).toBe('xdp')
})

describe('what is not a BPF object', () => {
  const open = (source: string | Uint8Array | URL) =>
    thrown(BpfError, () => BpfObject.open(source)).message

  test('nothing', () => {
    expect(open('/no/such/file.bpf.o')).toMatch(
      /no such file[\s\S]*Has the BPF program been compiled/,
    )
  })

  test('a folder', () => {
    expect(open('/tmp')).toContain('EISDIR')
  })

  test('a URL that is not of a file', () => {
    expect(open(new URL('https://example.org/prog.bpf.o'))).toContain(
      'expected a file: URL, got https:',
    )
  })

  test('text', () => {
    expect(open(new TextEncoder().encode('int main() {}'))).toMatch(/ELF[\s\S]*-target bpf/)
  })

  test('no bytes at all', () => {
    expect(open(new Uint8Array())).toContain('ELF')
  })

  test('a program for this machine', () => {
    expect(open(process.execPath)).toMatch(
      /expected an ELF file for BPF, got one for (x86-64|arm64)/,
    )
  })

  test.each([1, 10, 64, 100, 1000, 5000])('an object cut off %i bytes before its end', (cut) => {
    expect(() => BpfObject.open(bytes.subarray(0, bytes.length - cut))).toThrow(BpfError)
  })

  test('an object of the other byte order', () => {
    const flags = ['-target', 'bpfeb']
    const message = open(compileBpf('basic.bpf.c', { suffix: '-big-endian', flags }))
    expect(message).toContain('expected little-endian BPF, as this machine is, got big-endian')
  })

  test('an object with maps but without BTF', () => {
    const message = open(compileBpf('basic.bpf.c', { suffix: '-no-btf', flags: ['-g0'] }))
    expect(message).toMatch(/expected BTF[\s\S]*clang -g/)
  })
})

test('a name that the object does not have: the closest is suggested', () => {
  using spec = BpfObject.open(path)
  expect(thrown(BpfError, () => spec.map('count')).message).toContain("Did you mean 'counts'?")
  expect(thrown(BpfError, () => spec.program('zzz')).message).toContain('It has on_getpgid')
})

const other = process.arch === 'arm64' ? 'x86' : 'arm64'
const own = process.arch === 'arm64' ? 'arm64' : 'x86'

describe('an object that reads no registers, and whose compiler recorded the architecture', () => {
  const compiled = (targetArch: 'x86' | 'arm64') => {
    const flags = ['-grecord-command-line']
    return compileBpf('basic.bpf.c', { suffix: `-for-${targetArch}`, targetArch, flags })
  }

  test('opens if it is this one', () => {
    using spec = BpfObject.open(compiled(own))
    expect(spec.program('on_getpgid').name).toBe('on_getpgid')
  })

  test('is refused if it is another one, unless that is wanted', () => {
    const { message } = thrown(BpfError, () => BpfObject.open(compiled(other)))
    expect(message).toContain(`expected an object compiled for ${own}`)
    expect(message).toContain(`got one compiled with -D__TARGET_ARCH_${other}`)
    using spec = BpfObject.open(compiled(other), { anyArchitecture: true })
    expect(spec.program('on_getpgid').name).toBe('on_getpgid')
  })
})

describe('an object that reads registers', () => {
  const compiled = (targetArch: 'x86' | 'arm64') =>
    compileBpf('registers.bpf.c', { suffix: `-${targetArch}`, targetArch })

  test('of this architecture opens', () => {
    using spec = BpfObject.open(compiled(own))
    expect(spec.program('first_argument').type).toBe('kprobe')
  })

  test('of another one is refused unless that is wanted', () => {
    const { message } = thrown(BpfError, () => BpfObject.open(compiled(other)))
    expect(message).toContain(`expected an object compiled for ${own}`)
    expect(message).toContain(`-D__TARGET_ARCH_${own}`)
    using spec = BpfObject.open(compiled(other), { anyArchitecture: true })
    expect(spec.program('first_argument').type).toBe('kprobe')
  })
})
