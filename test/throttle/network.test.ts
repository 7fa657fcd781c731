import t from 'tap'
import { networkOf } from '../../lib/throttle/network.js'

t.test('an IPv6 address stands for its network of 64 bits, however it is spelled', (t) => {
  for (const [address, network] of [
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
    ['2001:db8:1::192.0.2.1', '2001:db8:1:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const)
    t.equal(networkOf(address), network, address)
  t.end()
})

t.test('any other address stands for itself', (t) => {
  for (const address of ['192.0.2.1', '', 'unix']) t.equal(networkOf(address), address)
  t.end()
})
