// SPDX-License-Identifier: (MIT OR GPL-2.0)
// A program whose author put two probes into it, for others to watch: `oven 180 45` bakes, `oven` only opens the door.
#include <stdlib.h>

// A probe is one nop, and a note in the file which says where that is and where its arguments are then. <sys/sdt.h>
// has macros that do the same. The three numbers: length of the owner's name, length of the note, its type.
#define PROBE(provider, name, first, second)                               \
	__asm__ volatile("1: nop\n"                                        \
			 ".pushsection .note.stapsdt, \"\", \"note\"\n"    \
			 ".balign 4\n"                                     \
			 ".4byte 3f - 2f, 5f - 4f, 3\n"                    \
			 "2: .asciz \"stapsdt\"\n"                         \
			 "3: .balign 4\n"                                  \
			 "4: .8byte 1b, 0, 0\n"                            \
			 ".asciz \"" #provider "\"\n"                      \
			 ".asciz \"" #name "\"\n"                          \
			 ".asciz \"-8@%0 -8@%1\"\n"                        \
			 "5: .balign 4\n"                                  \
			 ".popsection\n" ::"r"((long)first), "r"((long)second))

int main(int argc, char **argv)
{
	if (argc == 3)
		PROBE(oven, baked, atol(argv[1]), atol(argv[2]));
	else
		PROBE(oven, opened, 0, 0);
	return 0;
}
