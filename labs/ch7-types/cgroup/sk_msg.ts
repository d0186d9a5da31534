import { Socket, errorOf } from '@ebpf-labs/harness/socket'
import { sk_msg as skeleton } from '../build/cgroup/sk_msg.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { address } from './address.ts'

export const skMsg: Hook = {
  name: 'sk_msg',
  group: 'cgroup',
  section: 'sk_msg',
  when: 'something is sent on a socket that is in a sockmap',
  context: 'what is sent, addresses and ports',
  returns: 'SK_PASS, or SK_DROP: EACCES for who sends it',
  since: '4.17',
  config: 'CONFIG_NET_SOCK_MSG',
  show() {
    using server = Socket.listen({ address, port: 4242 })
    using skel = skeleton.open().load()
    using messages = skel.maps.messages.open()
    using link = skel.programs.on_send.attachSockmap(skel.maps.sockets)
    using inMap = Socket.tcp().connect(server.local)
    using one = server.accept()
    using notInMap = Socket.tcp().connect(server.local)
    using two = server.accept()
    skel.maps.sockets.set(0, inMap.fd)

    function send(who: string, from: Socket, text: string, to: Socket): Sighting {
      const error = errorOf(() => from.send(text))
      const [message] = messages.read()
      return {
        did: `${who} sends '${text}' from port ${from.port} to port ${server.port}`,
        saw: message && { ...message },
        outcome: error ?? `arrives: '${to.receive()}'`,
      }
    }
    return [
      send('a socket of the map', inMap, 'hello', one),
      send('a socket of the map', inMap, '!hello', one), // and nothing more: the verdict stays
      send('another socket', notInMap, '!hello', two),
    ]
  },
}
