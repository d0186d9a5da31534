import { existsSync, readFileSync } from 'node:fs'
import { closest } from '../../../errors/closest.ts'
import type { Cause, Failure } from '../attach-error.ts'

const TRACEFS = '/sys/kernel/tracing'

/** Causes of "no such thing": a tracepoint or kernel function that does not exist, or a kernel without the facility. */
export function explainNames(code: string, failure: Failure): Cause | undefined {
  if (!['ENOENT', 'ESRCH', 'EINVAL', 'EADDRNOTAVAIL'].includes(code)) return undefined
  const tracepoint = /(?:raw_tp|raw_tracepoint|tracepoint|tp)(?:\.w)?[/ ](?:(\w+)\/)?(\w+)/.exec(
    failure.hook,
  )
  if (tracepoint && code === 'ENOENT') return explainTracepoint(tracepoint[1], tracepoint[2] ?? '')
  const kprobe = /k(?:ret)?probe(?:\.multi|\.session)?[/ ]([\w.]+)/.exec(failure.hook)
  if (kprobe) return explainKprobe(kprobe[1] ?? '')
  return undefined
}

/** Why a tracepoint cannot be found. */
export function explainTracepoint(category: string | undefined, name: string): Cause {
  if (!existsSync(`${TRACEFS}/available_events`)) {
    return { problem: 'tracefs is not mounted', hint: `mount -t tracefs tracefs ${TRACEFS}` }
  }
  const events = readFileSync(`${TRACEFS}/available_events`, 'utf8').trim().split('\n')
  const wanted = category === undefined ? name : `${category}:${name}`
  const known = category === undefined ? events.map((event) => event.replace(/^.*:/, '')) : events
  const names = closest(wanted, known).map((event) => event.replace(':', '/'))
  return {
    problem: 'this kernel has no such tracepoint',
    hint: `${didYouMean(names)}All of them: ${TRACEFS}/available_events`,
  }
}

/** Why a kernel function cannot be probed. */
export function explainKprobe(name: string): Cause {
  if (!existsSync('/sys/bus/event_source/devices/kprobe')) {
    return { needs: { feature: 'a kprobe', kernel: 'CONFIG_KPROBES=y' } }
  }
  const functions = kernelFunctions()
  if (functions.has(name)) {
    return {
      problem: 'the kernel does not let this function be probed',
      hint: 'It is on the kprobe blacklist (notrace, inlined into its callers, or part of the probe machinery): probe a caller.',
    }
  }
  return {
    problem: 'this kernel has no such function',
    hint: `${didYouMean(closest(name, functions))}Inlined functions have no symbol; the others are in /proc/kallsyms.`,
  }
}

/** "Did you mean …? " for close names, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `Did you mean ${names.map((name) => `'${name}'`).join(' or ')}? `
}

/** Names of the functions of the kernel and its modules (/proc/kallsyms). */
export function kernelFunctions(): Set<string> {
  const names = new Set<string>()
  for (const [, name] of readFileSync('/proc/kallsyms', 'latin1').matchAll(/^\S+ [tTwW] (\S+)/gm)) {
    if (name !== undefined) names.add(name)
  }
  return names
}
