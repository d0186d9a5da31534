/** A processor architecture that a machine can have, named as Debian names it. */
export interface Architecture {
  readonly name: 'amd64' | 'arm64'
  /** GNU triplet, which names the folders of libraries and headers in the root image. */
  readonly triplet: string
  /** The dynamic linker's path inside the root image. */
  readonly linker: string
  /** npm's name for it, as in `npm ci --cpu=…`. */
  readonly npmCpu: string
  /** The emulator to run it with. */
  readonly qemu: string
  /** The packages that bring it, by package manager. */
  readonly qemuPackages: Readonly<Record<'apt' | 'dnf' | 'pacman', string>>
  /** What `process.arch` says on a host that can run it without emulation. */
  readonly hostArch: NodeJS.Architecture
  /** Kernel command line that only this architecture needs. */
  readonly kernelArguments: readonly string[]
  /**
   * What QEMU boots, from a kernel as Debian packages it.
   * @throws HostError if it is not what it should be.
   */
  unpackKernel(packaged: Buffer, name: string): Buffer
  /** Machine, firmware and processor arguments of QEMU. */
  machineArguments(acceleration: Acceleration): string[]
  /** How many processors the machine gets: emulation is not always safe with several. */
  processors(acceleration: Acceleration, hostProcessors: number): number
}

/** What QEMU runs the guest's code with. */
export interface Acceleration {
  readonly kind: 'kvm' | 'tcg'
  /** QEMU's version: major, minor. */
  readonly qemu: readonly [number, number]
}
