// Starts the server as the environment says, and stops it so that requests under way are answered.

import { build } from './app.js';
import { configuration } from './config.js';

let config;
try {
    config = configuration();
} catch (error) {
    console.error(`tradeup-api: ${error.message}`);
    process.exit(2);
}
const app = await build(config);
let isStopping = false;
const stop = async (signal) => {
    if (isStopping) {
        process.exit(1);
    }
    isStopping = true;
    app.log.info({ signal }, 'stopping');
    setTimeout(() => {
        app.log.error('requests under way were cut off');
        process.exit(1);
    }, config.stopMs).unref();
    await app.close();
    process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
try {
    const address = await app.listen({ host: config.host, port: config.port });
    console.log(`tradeup-api: ${address}`);
} catch (error) {
    console.error(`tradeup-api: ${error.message}`);
    process.exit(1);
}
