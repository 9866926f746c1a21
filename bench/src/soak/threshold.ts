/** The server's memory threshold in a soak: above all that is live there, since a process that is short of memory refuses what it is asked. 512 MiB. */
export const THRESHOLD_BYTES = 512 * 1024 ** 2;
