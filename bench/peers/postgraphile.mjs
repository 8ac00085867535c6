// PostGraphile 5 by its own server: lists without connections, nothing watched or explained, no transaction for settings that
// are none, prepared statements as they are by default, answers put together as text.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      poolConfig: { max: 8, options: '-c plan_cache_mode=force_generic_plan' },
      schemas: ['public', 'bench'],
      pubsub: false,
    }),
  ],
  schema: { defaultBehavior: '-connection +list -insert -update -delete' },
  grafast: { explain: false },
  grafserv: { watch: false, graphiql: false, websockets: false, outputDataAsString: true },
}
const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(Number(process.env.PORT), '127.0.0.1')
