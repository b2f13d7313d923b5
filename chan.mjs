import { Effect, Layer, ManagedRuntime, Stream, Channel, Chunk, Scope, Exit, Option } from "effect"
const empty=ManagedRuntime.make(Layer.empty)
const pullMk=()=>{let n=0; return Effect.sync(()=>n++<2?[1]:[])}
const channelOf=(pull)=>{const loop=Channel.flatMap(Channel.fromEffect(pull),(c)=>c.length===0?Channel.void:Channel.flatMap(Channel.write(Chunk.unsafeFromArray(c)),()=>loop)); return loop}
const fs={
 loop:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(channelOf(pullMk())),()=>Effect.void)),
 loopDrainCh:()=>empty.runPromise(Channel.runDrain(channelOf(pullMk()))),
 runDrain:()=>empty.runPromise(Stream.runDrain(Stream.fromChannel(channelOf(pullMk())))),
 suspend:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(Channel.suspend(()=>channelOf(pullMk()))),()=>Effect.void)),
 unwrap:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(Channel.unwrap(Effect.sync(()=>channelOf(pullMk())))),()=>Effect.void)),
 acq:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(Channel.acquireUseRelease(Scope.make(),()=>channelOf(pullMk()),(s,e)=>Scope.close(s,Exit.asVoid(e)))),()=>Effect.void)),
 acqUnwrap:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(Channel.acquireUseRelease(Scope.make(),()=>Channel.unwrap(Effect.sync(()=>channelOf(pullMk()))),(s,e)=>Scope.close(s,Exit.asVoid(e)))),()=>Effect.void)),
 unwrapScoped:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromChannel(Channel.unwrapScoped(Effect.map(Effect.addFinalizer(()=>Effect.void),()=>channelOf(pullMk())))),()=>Effect.void)),
 fromPull:()=>empty.runPromise(Stream.runForEachChunk(Stream.fromPull(Effect.sync(()=>{const p=pullMk(); return Effect.flatMap(p,(c)=>c.length?Effect.succeed(Chunk.unsafeFromArray(c)):Effect.fail(Option.none()))})),()=>Effect.void)),
 toPull:()=>empty.runPromise(Effect.scoped(Effect.flatMap(Stream.toPull(Stream.fromChannel(channelOf(pullMk()))),(p)=>{const l=Effect.flatMap(p,()=>l); return Effect.catchAll(l,()=>Effect.void)}))),
 make:()=>empty.runPromise(Stream.runDrain(Stream.make(1,2))),
}
const N=2000; const names=Object.keys(fs); const best={}
for(const n of names) for(let i=0;i<2000;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}
for(let k=0;k<6;k++) for(const n of names){ const c=process.cpuUsage(); for(let i=0;i<N;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}; const u=process.cpuUsage(c); const v=(u.user+u.system)/N; best[n]=Math.min(best[n]??1e9,v)}
console.log(names.map(n=>n+" "+best[n].toFixed(0)).join("  "))
process.exit()
