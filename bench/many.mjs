import { contestants } from "./contestants/index.mjs"
import { startServer, endAll } from "./harness/children.mjs"
import { measureMany } from "./measures/many.mjs"
import { full } from "./settings.mjs"
const ids=(process.argv[2]??"limit,floor-fetch,floor-undici,fetch,undici").split(",")
const origin=await startServer()
const r=await measureMany(origin,"chat",{...full,manyRounds:Number(process.argv[3]??5),contestants:contestants.filter(c=>ids.includes(c.id))})
for(const k in r) console.log(k, Object.entries(r[k]).map(([id,v])=>id+" "+v.value.toFixed(0)+" x"+v.compared.toFixed(2)+" ±"+v.spread.toFixed(2)+(v.failure??"")).join("; "))
endAll(); process.exit()
