/** Name of the one instance of a cluster's copy. The copy's name has at most 54 characters, so this has 61. RDS takes 63. */
export function writerName(cluster: string): string {
  return `${cluster}-writer`;
}
