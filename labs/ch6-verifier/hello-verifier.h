/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
#ifndef HELLO_VERIFIER_H
#define HELLO_VERIFIER_H

#define MESSAGE_SIZE 12

/* The message of one user, in the map `messages`. */
struct message {
	char text[MESSAGE_SIZE];
};

/* One program start. */
struct exec_event {
	unsigned int pid;
	unsigned int uid;
	unsigned int counter; /* which start this was, from 1 on */
	char letter;	      /* hello[counter]; 0 when the counter is past its end */
	char command[16];     /* of the program that calls execve */
	struct message message;
};

#endif
