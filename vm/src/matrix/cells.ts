import type { Architecture } from '../arch/arch.ts'
import { architectures } from '../arch/select.ts'
import { UsageError } from '../errors.ts'
import { kernels, type KernelSeries } from '../kernels.ts'

/** One kernel on one architecture: a column of the matrix. */
export interface Cell {
  readonly series: KernelSeries
  readonly arch: Architecture
}

export const cellName = ({ series, arch }: Cell): string => `${series.series}/${arch.name}`

const all = (): Cell[] =>
  architectures.flatMap((arch) => kernels.map((series): Cell => ({ series, arch })))

/**
 * The cells that `--only` names, all without it.
 * @param only for example `5.10,6.1/arm64,amd64`: a kernel, an architecture or both
 * @throws UsageError if a part of it names nothing.
 */
export function selectCells(only?: string): Cell[] {
  if (only === undefined) return all()
  const chosen = new Set(only.split(',').flatMap((part) => namedBy(part.trim()).map(cellName)))
  return all().filter((cell) => chosen.has(cellName(cell)))
}

function namedBy(part: string): Cell[] {
  const found = all().filter((cell) =>
    [cell.series.series, cell.arch.name, cellName(cell)].includes(part),
  )
  if (found.length > 0) return found
  const series = kernels.map((kernel) => kernel.series).join(', ')
  const names = architectures.map(({ name }) => name).join(', ')
  throw new UsageError(
    `matrix: --only ${part}: no such kernel or architecture. There is: ${series}; ${names}; ` +
      `both as in ${cellName(all()[0]!)}.`,
  )
}
