// Everything comes from node_modules and the database: pages are built, and shown, without any other host.
export default {
    title: 'Deal desk, in figures',
    root: 'src',
    output: process.env.DASHBOARD_OUTPUT ?? 'dist',
    search: false,
    globalStylesheets: [],
    head: '<link rel="icon" href="data:,">',
    footer: ({ path }) => (path === '/404' ? '' : `Built ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC.`),
    pages: [
        { name: 'Offers', path: '/' }, { name: 'Inventory and quotes', path: '/inventory' }, { name: 'Leads', path: '/leads' }, { name: 'Bundles', path: '/bundles' },
    ],
    interpreters: { '.sql': ['./node', 'sql.js'] },
};
