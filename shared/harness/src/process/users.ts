/** A user to run a program as. */
export interface User {
  uid: number
  gid: number
}

/**
 * A second user, without rights: numbers alone, so that the machine needs no entry in /etc/passwd. The kernel takes every
 * capability away when a process of root becomes this user.
 */
export const secondUser: User = { uid: 1000, gid: 1000 }
