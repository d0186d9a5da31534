import { spawnSync } from 'node:child_process'
import { RunningProgram } from '../process/running-program.ts'
import { netNamespaces } from '../leaks/attachments.ts'
import { isStale, uniqueName } from '../process/owner.ts'
import { computeChecksums } from './checksums.ts'
import { type Interface, Namespace } from './namespace.ts'

/** Namespaces by the names that the test gave them; disposing removes them and the links between them. */
export type Network<Name extends string> = Record<Name, Namespace> & AsyncDisposable

/** How two namespaces are joined; the first one's end of a `netkit` (CONFIG_NETKIT) is the primary one. */
export type LinkKind = 'veth' | 'netkit'

/** Two namespaces to join, by the names that the test gives them. */
export type LinkedPair<Name extends string = string> = readonly [Name, Name, LinkKind?]

const made = new Set<string>()
process.on('exit', () => made.forEach((name) => spawnSync('ip', ['netns', 'del', name])))

/**
 * Makes network namespaces joined by veth pairs: `network(['client', 'lb'], ['lb', 'server'])`, or just `left` and `right`. Link n
 * has the addresses 10.77.n.1 and .2, fd77:n::1 and ::2. Neighbours are known and router discovery is off, so that next to
 * nothing but what the test sends crosses a link. Senders compute checksums and receivers verify them, as on a real wire.
 * @throws Error with the words of ip(8)
 */
export async function network<const Name extends string = 'left' | 'right'>(
  ...pairs: readonly LinkedPair<Name>[]
): Promise<Network<Name>> {
  await sweepNamespaces()
  const links = (pairs.length === 0 ? [['left', 'right'] as const] : pairs).map(planLink)
  const ends = links.flat()
  const names = new Map(ends.map(({ space }) => [space, uniqueName(space)]))
  const dispose = () => removeNamespaces([...names.values()])
  try {
    for (const name of names.values()) made.add(name)
    await ip(
      {
        commands: [
          ...[...names.values()].map((name) => `netns add ${name}`),
          ...links.map(
            ([a, b]) => `link add ${end(a, names)} type ${TYPES[a.kind]} peer ${end(b, names)}`,
          ),
        ],
      },
      ...[...names].map(([space, name]) => {
        const own = ends.filter((candidate) => candidate.space === space)
        return { namespace: name, commands: ['link set dev lo up', ...own.flatMap(setUp)] }
      }),
    )
    const spaces = [...names].map(([space, name]) => [space, namespace(name, space, ends)] as const)
    const joined = { ...Object.fromEntries(spaces), [Symbol.asyncDispose]: dispose }
    // oxlint-disable-next-line no-unsafe-type-assertion -- each name of the pairs is a key
    return joined as unknown as Network<Name>
  } catch (error) {
    await dispose()
    throw error
  }
}

function namespace(name: string, space: string, ends: readonly End[]): Namespace {
  const own = ends.filter((candidate) => candidate.space === space)
  const joined = new Namespace(
    name,
    own.map(({ device, mac, ipv4, ipv6, peer }) => ({ device, mac, ipv4, ipv6, peer })),
  )
  joined.inside(() => own.forEach(({ device }) => computeChecksums(device)))
  return joined
}

/** Removes the namespaces of processes that are gone, and with them their devices. */
export async function sweepNamespaces(): Promise<void> {
  await removeNamespaces(netNamespaces().filter(isStale))
}

interface End extends Interface {
  space: string
  kind: LinkKind
  /** What the other end is called and how it is reached. */
  far: Pick<Interface, 'ipv4' | 'ipv6' | 'mac'>
}

function planLink([a, b, kind = 'veth']: LinkedPair, n: number): [End, End] {
  const addresses = (side: 1 | 2) => ({
    mac: `02:77:00:00:${n.toString(16).padStart(2, '0')}:0${side}`,
    ipv4: `10.77.${n}.${side}`,
    ipv6: `fd77:${n.toString(16)}::${side}`,
  })
  const plan = (space: string, peer: string, side: 1 | 2): End => ({
    ...addresses(side),
    space,
    kind,
    peer,
    device: deviceTo(peer),
    far: addresses(side === 1 ? 2 : 1),
  })
  return [plan(a, b, 1), plan(b, a, 2)]
}

/** Device names have at most 15 bytes (IFNAMSIZ in linux/if.h). */
function deviceTo(peer: string): string {
  const device = `to-${peer}`
  if (!/^[\w.-]{1,15}$/.test(device))
    throw new Error(
      `'${peer}' cannot be in a device name: at most 12 letters, digits, '_', '.', '-'`,
    )
  return device
}

/** As ip(8) calls them. A netkit pair has Ethernet addresses in this mode only. */
const TYPES = { veth: 'veth', netkit: 'netkit mode l2' } as const

function end({ device, mac, space }: End, names: ReadonlyMap<string, string>): string {
  return `name ${device} address ${mac} netns ${names.get(space)}`
}

/** Permanent neighbours instead of ARP and neighbour discovery, no link-local address, no multicast listener reports. */
function setUp({ device, ipv4, ipv6, far }: End): string[] {
  return [
    `link set dev ${device} addrgenmode none arp off`,
    `address add ${ipv4}/24 dev ${device}`,
    `address add ${ipv6}/64 dev ${device} nodad`,
    `link set dev ${device} up`,
    `neighbour add ${far.ipv4} lladdr ${far.mac} dev ${device} nud permanent`,
    `neighbour add ${far.ipv6} lladdr ${far.mac} dev ${device} nud permanent`,
  ]
}

async function removeNamespaces(names: readonly string[]): Promise<void> {
  const there = netNamespaces().filter((name) => names.includes(name))
  if (there.length > 0) await ip({ commands: there.map((name) => `netns del ${name}`) })
  for (const name of names) made.delete(name)
}

/** Commands of ip(8), and the namespace that they are for. */
interface Batch {
  namespace?: string
  commands: readonly string[]
}

/** Runs commands of ip(8), the first failure ends it. One shell starts them all, which is faster than to start each from Node. */
async function ip(...batches: readonly Batch[]): Promise<void> {
  const script = batches.map(({ namespace: name, commands }) => {
    const inside = name === undefined ? '' : `-n ${name} `
    return `ip ${inside}-batch - <<'END'\n${commands.join('\n')}\nEND`
  })
  const shell = await RunningProgram.start(['sh', '-ec', script.join('\n')])
  const { code, stderr } = await shell.exit()
  if (code !== 0) throw new Error(`ip failed:\n${stderr}${script.join('\n')}`)
}
