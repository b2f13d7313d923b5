const t0=performance.now(); await import("effect"); await import("@effect/platform"); const t1=performance.now()
await import(process.argv[2]??"/tmp/perf/dist/index.js"); console.log((t1-t0).toFixed(0),(performance.now()-t1).toFixed(0))
