/**
 * Verifier logs in the words of kernels that the tests do not run on. They were written by hand, in the
 * form that the kernel's sources give them.
 */

/** Linux 5.10 with log level 2 (kernel/bpf/verifier.c, print_verifier_state): numbers are `inv`, states stand before. */
export const INV_LOG = `func#0 @0
0: R1=ctx(id=0,off=0,imm=0) R10=fp0
; u32 key = 0;
0: (b7) r1 = 0
1: R1_w=inv0 R10=fp0
1: (63) *(u32 *)(r10 -4) = r1
last_idx 1 first_idx 0
regs=2 stack=0 before 0: (b7) r1 = 0
2: R1_w=invP0 R10=fp0 fp-8=0000????
2: (bf) r2 = r10
3: R1_w=invP0 R2_w=fp0 R10=fp0 fp-8=0000????
3: (07) r2 += -4
; count = bpf_map_lookup_elem(&counts, &key);
4: R1_w=invP0 R2_w=fp-4 R10=fp0 fp-8=0000????
4: (18) r1 = 0xffff8881f4a5e000
6: R1_w=map_ptr(id=0,off=0,ks=4,vs=8,imm=0) R2_w=fp-4 R10=fp0 fp-8=0000????
6: (85) call bpf_map_lookup_elem#1
7: R0_w=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????
; if (!count)
7: (15) if r0 == 0x0 goto pc+6
 R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????
; return *(u8 *)(*count);
8: R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????
8: (79) r6 = *(u64 *)(r0 +0)
 R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????
9: R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R6_w=inv(id=0) R10=fp0 fp-8=mmmm????
9: (57) r6 &= 255
10: R0_w=map_value(id=0,off=0,ks=4,vs=8,imm=0) R6_w=inv(id=0,umax_value=255,var_off=(0x0; 0xff)) R10=fp0 fp-8=mmmm????
10: (71) r0 = *(u8 *)(r6 +0)
R6 invalid mem access 'inv'
processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

/** Linux 5.10 with log level 1: instructions and C lines only, and a branch that was taken. */
export const INV_LOG_LEVEL_1 = `; if (ctx->data + 14 > ctx->data_end)
0: (61) r2 = *(u32 *)(r1 +4)
1: (61) r1 = *(u32 *)(r1 +0)
2: (bf) r3 = r1
3: (07) r3 += 14
4: (2d) if r3 > r2 goto pc+2
 R1_w=pkt(id=0,off=0,r=14,imm=0) R2_w=pkt_end(id=0,off=0,imm=0) R3_w=pkt(id=0,off=14,r=14,imm=0) R10=fp0
5: (b7) r0 = 2
6: (95) exit

from 4 to 7: R1_w=pkt(id=0,off=0,r=0,imm=0) R2_w=pkt_end(id=0,off=0,imm=0) R3_w=pkt(id=0,off=14,r=0,imm=0) R10=fp0
; return eth->h_proto;
7: (69) r0 = *(u16 *)(r1 +12)
invalid access to packet, off=12 size=2, R1(id=0,off=12,r=0)
R1 offset is outside of the packet
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

/** Linux 7.3 (kernel/bpf/diagnostics.c): the log as before, then a report. */
export const REPORT_LOG = `0: R1=ctx() R10=fp0
; struct config *config = bpf_map_lookup_elem(&configs, &uid); @ memory.bpf.c:26
0: (18) r1 = 0xffff888104550800       ; R1=map_ptr(map=configs,ks=4,vs=12)
2: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=configs,ks=4,vs=12)
; bpf_printk("%c", config->message[0]); @ memory.bpf.c:28
3: (71) r3 = *(u8 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'

Verification failed: Register Type Safety: Invalid dereference

Reason:
  R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on this
  path, so the verifier cannot prove this access is safe.

At:
  null_check @ memory.bpf.c:28:19
  Source context:
      26 | struct config *config = bpf_map_lookup_elem(&configs, &uid);
      27 | ...
  >>> 28 |         bpf_printk("%c", config->message[0]);
         |         ^-- error: invalid dereference of R0 (a nullable map value
         |             pointer)
      29 | ...
  Instruction context:
      2 | (85) call bpf_map_lookup_elem#1
  >>> 3 | (71) r3 = *(u8 *)(r0 +0)
      4 | (95) exit

Causal path:
  null_check @ memory.bpf.c:26:26
  Source context:
      25 | ...
  >>> 26 |         struct config *config = bpf_map_lookup_elem(&configs, &uid);
         |         ^-- update: R0 changed from uninitialized value to nullable map value from configs at offset 0
  Instruction context:
      0 | (18) r1 = 0xffff888104550800
  >>> 2 | (85) call bpf_map_lookup_elem#1

  insn 3
       | ^-- branch: took the false branch of this conditional, goto not followed
  Instruction context:
  >>> 3 | (71) r3 = *(u8 *)(r0 +0)

Suggestion:
  Add a NULL check before the access and dereference the pointer only on the non-NULL path.

processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`
