// A firewall in the network of the tests: what a school's network does to media.
import { execFileSync } from 'node:child_process';

const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
const nft = (...words) => execFileSync('nft', words, { env: { PATH }, stdio: ['ignore', 'pipe', 'inherit'] });

/** Every packet of this UDP port is refused ('reject') or vanishes ('drop'), in both directions. */
export function blockUdp(port, how) {
  openUdp();
  nft('add', 'table', 'inet', 'school');
  nft('add', 'chain', 'inet', 'school', 'out', '{ type filter hook output priority 0; }');
  for (const end of ['dport', 'sport']) nft('add', 'rule', 'inet', 'school', 'out', 'udp', end, String(port), how);
}

/** Nothing is blocked any more. */
export function openUdp() {
  nft('add', 'table', 'inet', 'school');
  nft('delete', 'table', 'inet', 'school');
}
