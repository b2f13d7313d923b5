import { fileURLToPath } from "node:url"
import * as vite from "vite"
import ts from "typescript"
import { programs } from "./programs/bundled.mjs"
const root = fileURLToPath(new URL("./", import.meta.url))
const id = root+"program.mjs", contents=programs.OpenAI.replace("../dist/index.js","../dist3/index.js")
const program = { name:"program", enforce:"pre", resolveId:(s)=>s===id?id:undefined, load:(p)=>p===id?contents:undefined }
const { output } = await vite.build({ root, configFile:false, logLevel:"silent", plugins:[program], build:{ write:false, target:"es2022", minify:false, modulePreload:false, rollupOptions:{ input:id } } })
const entry=output.find(o=>o.isEntry); 
for(const [k,v] of Object.entries(entry.modules)) if(k.includes("dist3")&&v.renderedLength){ const sf=ts.createSourceFile("x.js",v.code,99,true); const r=[]; for(const s of sf.statements){ const t=s.getText(); const n=ts.isVariableStatement(s)?s.declarationList.declarations[0].name.getText():s.name?.getText()??t.slice(0,30); r.push([t.length,n]) } r.sort((a,b)=>b[0]-a[0]); console.log(k, v.renderedLength); console.log(r.slice(0,60).map(x=>x.join(" ")).join("; ")) }
console.log("chunks", output.filter(o=>o.type==="chunk").map(o=>o.fileName+" "+o.code.length).join("; "))
