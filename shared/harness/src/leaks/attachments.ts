import { readdirSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { bpftool } from '../bpftool.ts'

const run = promisify(execFile)

/** Where a program is attached without a link, and how to detach it. */
export interface Attachment {
  program: number
  where: string
  remove: string
}

interface NetAttachment {
  devname: string
  kind?: string
  id: number
}

interface NetList {
  xdp?: NetAttachment[]
  tc?: NetAttachment[]
}

/** Attachments of XDP and tc in the root namespace and in every named one, and of cgroups. */
export async function attachments(): Promise<Attachment[]> {
  const spaces = await Promise.all([undefined, ...netNamespaces()].map(netAttachments))
  return [...spaces.flat(), ...(await cgroupAttachments())]
}

/** The namespaces that `ip netns` knows. */
export function netNamespaces(): string[] {
  try {
    return readdirSync('/run/netns')
  } catch {
    return [] // there has never been one
  }
}

async function netAttachments(space: string | undefined): Promise<Attachment[]> {
  const lists = await netList(space)
  const inside = space === undefined ? '' : ` in namespace ${space}`
  const ip = space === undefined ? 'ip' : `ip -n ${space}`
  const tc = space === undefined ? 'tc' : `tc -n ${space}`
  return lists.flatMap(({ xdp = [], tc: filters = [] }) => [
    ...xdp.map(({ devname, id }) => ({
      program: id,
      where: `XDP on ${devname}${inside}`,
      remove: `${ip} link set dev ${devname} xdp off`,
    })),
    ...filters.map(({ devname, kind = 'tc', id }) => ({
      program: id,
      where: `tc ${kind} on ${devname}${inside}`,
      remove: `${tc} qdisc del dev ${devname} clsact`,
    })),
  ])
}

async function netList(space: string | undefined): Promise<NetList[]> {
  if (space === undefined) return (await bpftool<NetList[] | null>('net', 'list')) ?? []
  const inside = ['--net=/run/netns/' + space, 'bpftool', '--json', 'net', 'list']
  try {
    const { stdout } = await run('nsenter', inside)
    const lists: NetList[] = JSON.parse(stdout || '[]')
    return lists
  } catch (error) {
    if (netNamespaces().includes(space)) throw error
    return [] // removed meanwhile
  }
}

interface CgroupPrograms {
  cgroup: string
  programs: { id: number; attach_type: string }[]
}

async function cgroupAttachments(): Promise<Attachment[]> {
  const groups = (await bpftool<CgroupPrograms[] | null>('cgroup', 'tree')) ?? []
  return groups.flatMap(({ cgroup, programs }) =>
    programs.map(({ id, attach_type: type }) => ({
      program: id,
      where: `${type} on cgroup ${cgroup}`,
      remove: `bpftool cgroup detach ${cgroup} ${type} id ${id}`,
    })),
  )
}
