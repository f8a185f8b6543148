// A certified authorization server that stands in for Google: `node server.mjs CONFIGURATION`.
import { createServer } from 'node:https'
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const { host, port, certificate, key, client, secret, redirectUris, lifetimeSeconds } =
  JSON.parse(process.argv[2])
const issuer = `https://${host}:${port}`
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

const provider = new Provider(issuer, {
  clients: [{
    client_id: client,
    client_secret: secret,
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post'
  }],
  jwks: { keys: [{ ...signing, use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['the tests have nothing to hide'] },
  scopes: ['openid', 'email', 'offline_access', 'https://mail.google.com/'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, asking) => asking.grantTypeAllowed('refresh_token'),
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: true })
  }),
  features: {
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true }
  },
  ttl: { AccessToken: lifetimeSeconds }
})

createServer({ cert: certificate, key }, provider.callback()).listen(port, host, () => {
  console.log(JSON.stringify({ issuer }))
})
