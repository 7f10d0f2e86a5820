// Svelte's standing settings; without this file each build says that there is none.
export default {};
