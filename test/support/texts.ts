/** Texts of many kinds, to measure estimates of tokens by; those of one kind say much the same. */

const sentences = {
  english:
    "The harbour was quiet when the first boats came in. A thin mist lay over the water, and the gulls, who had been waiting on the wall since dawn, began to argue about which of them would get the best of the catch. Nobody hurried. The fishermen tied their ropes, lifted the crates onto the stones, and talked about the weather as if it were an old neighbour whose habits they had long since stopped trying to understand.",
  answer:
    "Sure! Here's a quick overview of how HTTP caching works:\n\n1. **Freshness**: a response with `Cache-Control: max-age=3600` can be reused for an hour.\n2. **Validation**: once it's stale, the browser sends `If-None-Match` with the stored ETag.\n3. **Invalidation**: there isn't any built-in way to purge a client's cache, so people usually change the URL (e.g. `app.3f9c1.js`).\n\nLet me know if you'd like an example!",
  typescript:
    'export const retry = (options: RetryOptions = {}): Policy => {\n  const maxWait = Duration.decode(options.maxWait ?? "120 seconds")\n  return (provider) => ({\n    ...provider,\n    chat: (request, options) => retried(provider.chat(request, options)),\n    chatStream: (request, options) => {\n      if (request.messages.length === 0) {\n        return Stream.fail(new ValidationError({ message: "empty" }))\n      }\n      return unwrap(Effect.map(attempts, (state) => retriedStream(request, state)))\n    }\n  })\n}\n',
  python:
    'from dataclasses import dataclass, field\n\n@dataclass\nclass Queue:\n    items: list[int] = field(default_factory=list)\n\n    def push(self, item: int) -> None:\n        self.items.append(item)\n\nif __name__ == "__main__":\n    q = Queue()\n    for i in range(10):\n        q.push(i ** 2)\n',
  json: '{"id":"chatcmpl-9f8e7d6c5b4a","object":"chat.completion","created":1750000000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":1234,"completion_tokens":56,"total_tokens":1290}}',
  markdown:
    "# Release notes\n\n| Feature | Status | Owner |\n| --- | --- | --- |\n| Streaming | done | Ada |\n| Retries | in progress | Grace |\n\n- [x] Write the docs\n- [ ] Publish the package\n\n> Note: see [the guide](https://example.com/docs/guide#install) before upgrading.\n",
  html: '<!doctype html>\n<html lang="en">\n  <head>\n    <meta charset="utf-8">\n    <title>Chat</title>\n  </head>\n  <body>\n    <main id="app"><button class="primary" onclick="send()">Send</button></main>\n  </body>\n</html>\n',
  numbers:
    "Date,Open,High,Low,Close,Volume\n2024-01-02,187.15,188.44,183.89,185.64,82488700\n2024-01-03,184.22,185.88,183.43,184.25,58414500\n2024-01-04,182.15,183.09,180.88,181.91,71983600\n"
} as const

const others = {
  german:
    "Der Hafen lag still, als die ersten Boote einliefen. Über dem Wasser hing ein dünner Nebel, und die Möwen, die seit der Morgendämmerung auf der Mauer gewartet hatten, stritten sich darüber, wer von ihnen das Beste vom Fang bekommen würde. Geschwindigkeitsbegrenzungen gab es keine.",
  french:
    "Le port était calme lorsque les premiers bateaux sont rentrés. Une brume légère flottait sur l'eau, et les mouettes, qui attendaient sur le mur depuis l'aube, commencèrent à se disputer la meilleure part de la pêche.",
  spanish:
    "El próximo martes empezará el curso de cocina en el centro cultural del barrio. Las clases, que durarán hasta finales de junio, están pensadas para personas que nunca han cocinado y quieren aprender a preparar platos sencillos, baratos y sanos.",
  italian:
    "Il prossimo martedì comincerà il corso di cucina nel centro culturale del quartiere. Le lezioni, che dureranno fino alla fine di giugno, sono pensate per chi non ha mai cucinato e vuole imparare a preparare piatti semplici.",
  polish:
    "W przyszły wtorek w osiedlowym domu kultury rozpocznie się kurs gotowania. Zajęcia potrwają do końca czerwca i są przeznaczone dla osób, które nigdy nie gotowały, a chcą się nauczyć przygotowywać proste dania.",
  turkish:
    "Gelecek salı günü mahalledeki kültür merkezinde yemek kursu başlayacak. Haziran sonuna kadar sürecek olan dersler, daha önce hiç yemek yapmamış olanlar için düşünüldü.",
  vietnamese:
    "Thứ ba tới, khóa học nấu ăn sẽ bắt đầu tại trung tâm văn hóa của khu phố. Các buổi học kéo dài đến cuối tháng sáu và dành cho những người chưa bao giờ nấu ăn.",
  greek:
    "Την επόμενη Τρίτη θα αρχίσει το μάθημα μαγειρικής στο πολιτιστικό κέντρο της γειτονιάς. Τα μαθήματα θα διαρκέσουν μέχρι τα τέλη Ιουνίου.",
  russian:
    "В гавани было тихо, когда пришли первые лодки. Над водой лежал тонкий туман, и чайки, которые ждали на стене с самого рассвета, начали спорить о том, кому достанется лучшая часть улова.",
  ukrainian:
    "Наступного вівторка в районному культурному центрі почнеться курс кулінарії. Заняття триватимуть до кінця червня і призначені для людей, які ніколи не готували.",
  chinese:
    "第一批船进港的时候，港口十分安静。水面上笼罩着一层薄雾，从黎明起就等在墙头的海鸥开始争论谁能得到最好的渔获。没有人着急。渔民们系好缆绳，把箱子搬到石头上，像谈论一位老邻居那样谈论天气。",
  japanese:
    "最初の船が入ってきたとき、港は静かだった。水面には薄い霧がかかり、夜明けから壁の上で待っていたカモメたちは、誰が一番良い魚をもらうかで言い争いを始めた。",
  korean:
    "첫 배들이 들어왔을 때 항구는 조용했다. 물 위에는 옅은 안개가 깔려 있었고, 새벽부터 담 위에서 기다리던 갈매기들은 누가 가장 좋은 생선을 차지할지를 두고 다투기 시작했다.",
  thai: "วันอังคารหน้าจะเริ่มคอร์สทำอาหารที่ศูนย์วัฒนธรรมของชุมชน ชั้นเรียนจะมีไปจนถึงสิ้นเดือนมิถุนายน",
  arabic:
    "كان الميناء هادئا عندما وصلت القوارب الأولى. كان ضباب رقيق يغطي الماء، وبدأت النوارس التي كانت تنتظر على الجدار منذ الفجر تتجادل حول من سيحصل على أفضل ما في الصيد.",
  hebrew:
    "ביום שלישי הבא יתחיל קורס בישול במרכז התרבות השכונתי. השיעורים יימשכו עד סוף יוני ומיועדים לאנשים שמעולם לא בישלו.",
  hindi: "जब पहली नावें आईं तो बंदरगाह शांत था। पानी पर हल्का कोहरा छाया हुआ था, और भोर से दीवार पर इंतज़ार कर रहे पक्षी झगड़ने लगे।",
  emoji:
    "Great news 🎉🎉 we shipped it! 🚀 Thanks to everyone 🙏🏽 — especially in 🇫🇷 and 🇯🇵. Next: fix the 🐛 and celebrate 👩‍👩‍👧‍👦 at 5 😄",
  base64:
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="
} as const

/** What estimates are made for: English, code and data. */
export const common: Readonly<Record<string, string>> = sentences

/** What they should not be far off for. */
export const foreign: Readonly<Record<string, string>> = others
