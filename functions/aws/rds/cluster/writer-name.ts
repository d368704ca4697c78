/** The one instance of a cluster's copy. At most 61 characters, since the name of a copy has at most 54: RDS takes 63. */
export function writerName(cluster: string): string {
  return `${cluster}-writer`;
}
