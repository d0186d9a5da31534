import type { Link } from '../link/link.ts'
import type { Attachable } from './attach/attempt.ts'
import { TracingHooks } from './tracing-hooks.ts'
import { attachXdp } from './attach/xdp.ts'
import type { XdpOptions } from './attach/xdp.ts'

/** Attaching a program to hooks of the network stack and of cgroups. */
export abstract class NetworkHooks extends TracingHooks implements Attachable {
  /**
   * Attaches an XDP program to a network interface.
   * @param device name of the interface, or its index
   * @throws {BpfError} EBUSY if there is an XDP program already
   */
  attachXdp(device: string | number, options?: XdpOptions): Link {
    return attachXdp(this, device, options)
  }
}
