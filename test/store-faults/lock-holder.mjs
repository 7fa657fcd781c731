// Another process that writes to an SQLite file: `fork(lock-holder.mjs, [file])` takes the lock of
// writers and says so; a message gives it back.
import Database from 'libsql'

const database = new Database(process.argv[2])
database.exec('pragma busy_timeout = 10000; begin immediate')
process.send('held')
process.once('message', () => {
  database.exec('rollback')
  process.exit()
})
process.once('disconnect', () => process.exit())
