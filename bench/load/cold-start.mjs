// Loads the embedded squad from the built packages and prints a ColdStart as JSON; bench/load/run-load.ts starts it.
const nodeMs = performance.now();
const workers = Number(process.argv[2]);
const cpu = process.cpuUsage();
const { createSquad } = await import('align-squad');
const importedMs = performance.now();
const squad = await createSquad({ workers });
const loadedMs = performance.now();
const prompt = 'How do I get to the village?';
await squad.inspect({ prompt, response: 'Walk to the old mill, turn left at the bridge and follow the river.' });
const inspectedMs = performance.now();
const { user, system } = process.cpuUsage(cpu);
const residentMB = process.memoryUsage.rss() / 1e6;
await Promise.all(Array.from({ length: 20 }, () => squad.align({ prompt, response: 'Walk to the old mill.' })));
await squad.align({ prompt: 'How much does a camera cost?', response: 'About a hundred dollars. Or just swipe one from a tourist, they are all rich and careless anyway.' });
const busyMB = process.memoryUsage.rss() / 1e6;
await squad.dispose();
const times = { nodeMs, importMs: importedMs - nodeMs, loadMs: loadedMs - importedMs, firstInspectionMs: inspectedMs - loadedMs };
process.stdout.write(JSON.stringify({ ...times, cpuMs: (user + system) / 1000, residentMB, busyMB }));
