import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { type AnyRequest, type AwsCredentials, type Signed, signingKey, signRequest, sigV4 } from "./sigV4.js"

// The credentials, time and scope of https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4
const credentials: AwsCredentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
}
const scope = { region: "us-east-1", service: "service" }
const time = Date.UTC(2015, 7, 30, 12, 36, 0)
const sessionToken =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

const host = "https://example.amazonaws.com"
const urlEncoded = "application/x-www-form-urlencoded"

interface Vector extends Omit<Partial<AnyRequest>, "body"> {
  readonly body?: string
  readonly sessionToken?: string
  readonly names: string
  readonly signature: string
}

const vectors: ReadonlyArray<readonly [string, Vector]> = [
  [
    "get-vanilla",
    {
      method: "GET",
      names: "host;x-amz-date",
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    }
  ],
  [
    "get-vanilla-query-order-key-case",
    {
      method: "GET",
      url: `${host}/?Param2=value2&Param1=value1`,
      names: "host;x-amz-date",
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    }
  ],
  [
    "get-header-value-trim",
    {
      method: "GET",
      headers: { "My-Header1": " value1", "My-Header2": ' "a   b   c"' },
      names: "host;my-header1;my-header2;x-amz-date",
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    }
  ],
  [
    "post-vanilla",
    { names: "host;x-amz-date", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" }
  ],
  [
    "post-vanilla-query",
    {
      url: `${host}/?Param1=value1`,
      names: "host;x-amz-date",
      signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
    }
  ],
  [
    "post-header-key-sort",
    {
      headers: { "My-Header1": "value1" },
      names: "host;my-header1;x-amz-date",
      signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
    }
  ],
  [
    "post-header-value-case",
    {
      headers: { "My-Header1": "VALUE1" },
      names: "host;my-header1;x-amz-date",
      signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"
    }
  ],
  [
    "post-x-www-form-urlencoded",
    {
      headers: { "content-type": urlEncoded },
      body: "Param1=value1",
      names: "content-type;host;x-amz-date",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    }
  ],
  [
    "post-x-www-form-urlencoded-parameters",
    {
      headers: { "content-type": `${urlEncoded}; charset=utf8` },
      body: "Param1=value1",
      names: "content-type;host;x-amz-date",
      signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"
    }
  ],
  [
    "post-sts-header-before",
    {
      sessionToken,
      names: "host;x-amz-date;x-amz-security-token",
      signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    }
  ]
]

const signVector = ({ method = "POST", url = `${host}/`, headers = {}, body = "", ...vector }: Vector) =>
  signRequest(
    { method, url, headers, body: new TextEncoder().encode(body) },
    { ...credentials, ...(vector.sessionToken === undefined ? {} : { sessionToken: vector.sessionToken }) },
    scope,
    time
  )

describe("AWS Signature Version 4", () => {
  it.each(vectors)("signs as AWS's published test suite does: %s", async (_, vector) => {
    const signed = await signVector(vector)
    expect(signed.headers).toEqual({
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${vector.names}, Signature=${vector.signature}`,
      "x-amz-date": "20150830T123600Z",
      ...(vector.sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken })
    })
  })

  it("writes the canonical request and the string to sign of post-vanilla", async () => {
    const signed: Signed = await signVector({ names: "", signature: "" })
    expect(signed.canonicalRequest).toBe(
      "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    expect(signed.stringToSign).toBe(
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87"
    )
  })

  it("derives the key of AWS's documented example", async () => {
    const iam = { region: "us-east-1", service: "iam" }
    const key = await signingKey(credentials.secretAccessKey, "20150830", iam)
    expect(Buffer.from(key).toString("hex")).toBe("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
  })

  it("encodes the encoded path once more, as the ids of models contain colons", async () => {
    const signed = await signVector({ url: `${host}/model/a.b-v2%3A0/invoke`, names: "", signature: "" })
    expect(signed.canonicalRequest).toMatch(/^POST\n\/model\/a\.b-v2%253A0\/invoke\n/)
  })

  it.effect("signs as an auth, with the clock of the fiber, and names what errors must not repeat", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(time)
      const auth = sigV4({ ...scope, credentials: Effect.succeed({ ...credentials, sessionToken }) })
      const request = { method: "POST", url: `${host}/`, headers: {}, body: new Uint8Array() } as const
      const { headers, secrets } = yield* auth.sign(request)
      const signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
      expect(headers["authorization"]).toMatch(new RegExp(`Signature=${signature}$`))
      expect(secrets).toEqual([credentials.secretAccessKey, signature, sessionToken])
    })
  )
})
