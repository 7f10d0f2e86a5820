// Prints a token for a role, signed with TRADEUP_API_SECRET or the file TRADEUP_API_SECRET_FILE:
//     node token.js ROLE [HOURS] [SUBJECT]

import { readFileSync } from 'node:fs';
import { createSigner } from 'fast-jwt';

const [role, hours = '12', subject = role] = process.argv.slice(2);
const { TRADEUP_API_SECRET: secret, TRADEUP_API_SECRET_FILE: file, TRADEUP_API_CLAIM: claim = 'role', TRADEUP_API_ISSUER: iss, TRADEUP_API_AUDIENCE: aud } = process.env;
if (!role || !(secret || file) || !(Number(hours) > 0)) {
    console.error('usage: node token.js ROLE [HOURS] [SUBJECT], with TRADEUP_API_SECRET or TRADEUP_API_SECRET_FILE');
    process.exit(2);
}
const sign = createSigner({ key: secret ?? readFileSync(file, 'utf8').trim(), algorithm: 'HS256', expiresIn: Number(hours) * 3600_000, ...(iss ? { iss } : {}), ...(aud ? { aud } : {}) });
console.log(sign({ sub: subject, [claim]: role }));
