/** A public IPv4 address of a server. */
export interface PublicAddress {
  ip: string;
  /** An Elastic IP address: it stays the server's own. */
  isElastic: boolean;
}

/** Addresses for documentation: https://www.rfc-editor.org/rfc/rfc5737 */
const ELASTIC = '198.51.100';
const ASSIGNED = '203.0.113';

/** Of the servers of a system the first has an address that EC2 assigned, the second an Elastic IP address, the others none. */
export function publicAddressAtFirst(index: number): PublicAddress | undefined {
  if (index === 0) return { ip: `${ASSIGNED}.10`, isElastic: false };
  return index === 1 ? { ip: `${ELASTIC}.10`, isElastic: true } : undefined;
}

/**
 * The address after a start. "We release the public IPv4 address and assign a new one when you start your instance"; an Elastic IP address stays:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
 */
export function publicAddressAfterStart(address: PublicAddress | undefined): PublicAddress | undefined {
  if (address === undefined || address.isElastic) return address;
  const last = Number(address.ip.split('.').pop());
  return { ip: `${ASSIGNED}.${last === 254 ? 1 : last + 1}`, isElastic: false };
}
