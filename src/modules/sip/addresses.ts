/** Whether an address is one of a private network (RFC 1918, RFC 4193, link-local, loopback). */
export function isPrivateAddress(host: string): boolean {
  return (
    /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host) ||
    /^(::1$|f[cd]|fe[89ab])/i.test(host)
  );
}
