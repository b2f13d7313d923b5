import { fileURLToPath } from "node:url"
import * as vite from "vite"
import { programs } from "./programs/bundled.mjs"
import * as esbuild from "esbuild"
import { gzipSync } from "node:zlib"
const root = fileURLToPath(new URL("./", import.meta.url))
const mods = async (contents) => {
  const id = root+"program.mjs"
  const program = { name:"program", enforce:"pre", resolveId:(s)=>s===id?id:undefined, load:(p)=>p===id?contents:undefined }
  const { output } = await vite.build({ root, configFile:false, logLevel:"silent", plugins:[program], build:{ write:false, target:"es2022", minify:false, modulePreload:false, rollupOptions:{ input:id } } })
  const entry=output.find(o=>o.isEntry); const loaded=new Set(); const visit=(c)=>{if(!c||loaded.has(c))return; loaded.add(c); c.imports.forEach(n=>visit(output.find(o=>o.fileName===n)))}; visit(entry)
  const m=new Map(); for(const c of loaded) for(const [k,v] of Object.entries(c.modules)) if(v.renderedLength>0) m.set(k,v.code)
  return m
}
const a=await mods(programs.schema), b=await mods((programs[process.argv[3]??"OpenAI"]).replace("../dist/index.js", process.argv[2]??"../dist/index.js"))
const gz=async(t)=>gzipSync((await esbuild.transform(t,{minify:true})).code,{level:9}).length
const rows=[]; let ours=0, eff=0
for(const [k,code] of b){ const old=a.get(k); if(old===code) continue; const isOurs=!k.includes("node_modules"); const size=await gz(code)-(old?await gz(old):0); rows.push([size,k.replace(/.*node_modules\//,"").replace("/tmp/perf/",""), old?"more":""]); if(isOurs) ours+=size; else eff+=size }
rows.sort((x,y)=>y[0]-x[0]); console.log("ours (sum of separately gzipped)",ours,"effect etc",eff); rows.slice(0,70).forEach(r=>console.log(r.join(" ")))
