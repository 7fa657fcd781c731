import t from 'tap'
import { loadTls, readTls } from '../lib/tls-files.js'
import { CA, certificate, certificateFile } from './support/certificates.js'

t.test('what the files hold is handed over, or everything that is wrong with them', (t) => {
  const files = {
    caFile: certificateFile('ca.pem'),
    certFile: certificateFile('client.pem'),
    keyFile: certificateFile('client.key'),
  }
  const expected = { ca: CA, ...certificate('client'), servername: 'a.example' }
  t.same(loadTls({ ...files, serverName: 'a.example' }, 'tls'), expected)
  t.same(loadTls({}, 'tls'), {})
  t.throws(() => loadTls({ ...files, caFile: '/nowhere', keyFile: files.certFile }, 'tls'), {
    name: 'ConfigError',
    problems: [
      { option: 'tls.caFile', detail: 'cannot be read (ENOENT)' },
      {
        option: 'tls.keyFile',
        detail: 'must hold a private key in PEM, without a passphrase',
      },
    ],
  })
  t.equal(readTls(files, 'tls').problems.length, 0)
  t.end()
})
