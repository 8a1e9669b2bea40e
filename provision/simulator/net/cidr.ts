/** Whether an IPv4 address is in a range such as `10.244.0.0/16`; a range that cannot be read holds nothing. */
export function isInCidr(ip: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const [address, start, length] = [numberOf(ip), numberOf(network), Number(bits)];
  if (address === undefined || start === undefined || !(length >= 0 && length <= 32)) return false;
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(start / size);
}

function numberOf(ip: string): number | undefined {
  const parts = ip.split('.').map(Number);
  const isAddress = parts.length === 4 && parts.every((part) => part >= 0 && part <= 255);
  return isAddress ? parts.reduce((value, part) => value * 256 + part, 0) : undefined;
}
