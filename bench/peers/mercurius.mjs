// Mercurius with its JIT, by its loaders or (JOIN=1) by one statement; whole rows, prepared statements with names.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const pool = new pg.Pool({ max: 8, options: '-c plan_cache_mode=force_generic_plan' })
pg.types.setTypeParser(1082, (text) => text)
const columns = `l.id, l.title, l.kind, l.track, l.education, l.headcount, l.days_per_week AS "daysPerWeek",
  l.duration_weeks AS "durationWeeks", l.starts_on AS "startsOn", l.published_at AS "publishedAt", l.description,
  l.organization_id, l.division_code`
const shown = "l.status = 'PUBLISHED' AND l.open_until >= CURRENT_DATE"
const by = 'ORDER BY l.published_at DESC, l.id DESC LIMIT $1'
const joined = process.env.JOIN === '1'

async function listings(_, { first }) {
  if (!joined) {
    const text = `SELECT ${columns} FROM internship_listing l WHERE ${shown} ${by}`
    return (await pool.query({ name: 'list', text, values: [first] })).rows
  }
  const text = `SELECT ${columns}, o.name AS organization_name, d.name AS division_name FROM internship_listing l
    JOIN partners_organization o ON o.id = l.organization_id JOIN core_division d ON d.id = l.division_code
    WHERE ${shown} ${by}`
  const { rows } = await pool.query({ name: 'joined', text, values: [first] })
  for (const row of rows) {
    row.organization = { name: row.organization_name }
    row.division = { name: row.division_name }
  }
  return rows
}

async function listing(_, { id }) {
  const text = `SELECT ${columns} FROM internship_listing l WHERE l.id = $1 AND l.status IN ('PUBLISHED', 'CLOSED')`
  return (await pool.query({ name: 'one', text, values: [id] })).rows[0]
}

async function named(name, table, keys) {
  const text = `SELECT id::text, name FROM ${table} WHERE id = ANY($1)`
  const { rows } = await pool.query({ name, text, values: [keys] })
  const found = new Map(rows.map((row) => [row.id, row]))
  return keys.map((key) => found.get(key))
}

const app = Fastify()
app.register(mercurius, {
  schema: `type Named { name: String! }
    type Listing { id: ID! title: String! kind: String! track: String! education: String! headcount: Int! daysPerWeek: Int
      durationWeeks: Int startsOn: String publishedAt: String description: String! organization: Named! division: Named! }
    type Query { listings(first: Int!): [Listing!]! listing(id: ID!): Listing }`,
  resolvers: {
    Query: { listings, listing },
    Listing: { publishedAt: (row) => row.publishedAt.toISOString() },
  },
  loaders: joined
    ? {}
    : {
        Listing: {
          organization: (asked) => named('organizations', 'partners_organization', asked.map(({ obj }) => obj.organization_id)),
          division: (asked) => named('divisions', 'core_division', asked.map(({ obj }) => obj.division_code)),
        },
      },
  jit: 1,
  path: '/graphql',
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
