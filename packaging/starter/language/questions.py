"""How people ask about a concept. `{c}` is its name with article, `{b}` without; `[es|son]` agrees in number."""

CONCEPT_QUESTIONS = {
    "es": """¿Qué [es|son] {c}?
¿Qué [es|son] {c}?
qué [es|son] {c}
¿Qué [es|son] exactamente {c}?
Explícame {c}
Explícame qué [es|son] {c}
¿Me explicas {c}?
¿Me puedes explicar qué [es|son] {c}?
¿Podrías explicarme {c}, por favor?
¿Puedes explicarme cómo [funciona|funcionan] {c}?
Explica {c} en pocas palabras
Explícame {c} como si tuviera cinco años
explícame {c} de forma sencilla
¿Qué significa {b}?
¿Qué quiere decir {b}?
¿Qué significa eso de {b}?
Define {c}
Define {b}
Definición de {b}
Dame una definición de {c}
Dame la definición de {b}
¿Cómo [funciona|funcionan] {c}?
cómo [funciona|funcionan] {c}
¿Para qué [sirve|sirven] {c}?
para que [sirve|sirven] {c}
¿Para qué se [usa|usan] {c}?
¿En qué [consiste|consisten] {c}?
¿Qué [hace|hacen] {c}?
¿Por qué [es importante|son importantes] {c}?
¿Cuándo se [usa|usan] {c}?
¿Cuál es la idea de {c}?
Háblame de {c}
Háblame sobre {c}
Cuéntame sobre {c}
Cuéntame algo de {c}
¿Qué sabes de {c}?
¿Qué sabes sobre {c}?
¿Qué me puedes decir de {c}?
¿Qué entiendes por {b}?
¿A qué llamamos {b}?
¿A qué se llama {b}?
No entiendo {c}
No entiendo qué [es|son] {c}
no entiendo bien {c}, ¿me ayudas?
No me queda claro qué [es|son] {c}
No sé qué [es|son] {c}
Necesito entender {c}
Necesito saber qué [es|son] {c} para un examen
Quiero aprender sobre {c}
Quiero saber qué [es|son] {c}
Me gustaría entender {c}
Mi profesor habló de {c}, ¿qué [es|son]?
En clase hablaron de {c} y no entendí nada
En el trabajo mencionaron {c}, ¿me lo explicas?
He oído hablar de {c}, ¿qué [es|son]?
Leí algo sobre {c}, ¿qué significa?
¿Sabes qué [es|son] {c}?
¿Sabes algo de {c}?
¿Conoces {c}?
oye qué [es|son] {c}
Una duda: ¿qué [es|son] {c}?
Tengo una duda sobre {c}
ayúdame a entender {c}
Resúmeme {c}
Resume qué [es|son] {c}
¿Y {c}?
¿Y qué [es|son] {c}?
{c}
{b}
¿{b}?
En informática, ¿qué [es|son] {c}?
En una frase: ¿qué [es|son] {c}?
¿Cómo le explicarías {c} a un niño?
¿Cómo definirías {c}?
¿Cómo se define {c}?
¿Qué vendría a ser {c}?
¿Qué onda con {c}?
che, ¿qué [es|son] {c}?
Dime qué [es|son] {c}
Dime para qué [sirve|sirven] {c}
¿Qué tipo de cosa [es|son] {c}?
¿Por qué se [habla|habla] tanto de {c}?
¿De qué [trata|tratan] {c}?
¿De qué va eso de {b}?
¿Me cuentas qué [es|son] {c}?
¿Qué utilidad [tiene|tienen] {c}?
¿Qué papel [tiene|tienen] {c}?
mi hijo pregunta qué [es|son] {c}
explicame {b} xfa
q [es|son] {b}
que [es|son] {b}
concepto de {b}
significado de {b}""".splitlines(),
    "en": """What [is|are] {c}?
What [is|are] {c}?
what [is|are] {c}
What's {c}?
whats {b}
What exactly [is|are] {c}?
Explain {c}
Explain what {c} [is|are]
Can you explain {c}?
Could you explain {c} to me, please?
Can you explain how {c} [works|work]?
Explain {c} in simple terms
Explain {c} in a few words
Explain {c} like I'm five
What does {b} mean?
what does "{b}" mean
What do you mean by {b}?
Define {c}
Define {b}
Definition of {b}
Give me a definition of {c}
How [does|do] {c} work?
how [does|do] {b} work
What [is|are] {c} for?
What [is|are] {c} used for?
What [does|do] {c} do?
Why [is|are] {c} important?
Why does {b} matter?
When do people use {c}?
What's the point of {c}?
What's the idea behind {c}?
Tell me about {c}
Tell me something about {c}
What do you know about {c}?
What can you tell me about {c}?
I don't understand {c}
I don't get {c}
I'm confused about {c}
I don't know what {c} [is|are]
I need to understand {c}
I need to know what {c} [is|are] for an exam
I want to learn about {c}
I'd like to understand {c}
I keep hearing about {c}, what [is it|are they]?
My teacher mentioned {c}, what [is it|are they]?
Someone at work talked about {c}, can you explain?
I read about {c}, what does it mean?
Do you know what {c} [is|are]?
Do you know anything about {c}?
hey what [is|are] {c}
Quick question: what [is|are] {c}?
I have a question about {c}
Help me understand {c}
Summarise {c} for me
And {c}?
And what [is|are] {c}?
{c}
{b}
{b}?
In one sentence: what [is|are] {c}?
How would you explain {c} to a child?
How would you define {c}?
How is {b} defined?
What kind of thing [is|are] {c}?
what the heck [is|are] {c}
Describe {c}
Describe {c} in words
Teach me about {c}
Give me the basics of {c}
give me a quick summary of {b}
Could you tell me what {c} [is|are]?
Can you tell me how {c} [works|work]?
my kid asks what {c} [is|are]
meaning of {b}
So what [is|are] {c} really?
Why do people talk about {c}?
What's meant by {b}?
Explain to me {c} please""".splitlines(),
}
EXAMPLE_QUESTIONS = {
    "es": """Dame un ejemplo de {c}
Ponme un ejemplo de {c}
¿Me das un ejemplo de {b}?
¿Puedes darme un ejemplo de {c}?
Un ejemplo de {b}, por favor
ejemplo de {b}
¿Cuál sería un ejemplo de {c}?
Muéstrame un ejemplo de {b}""".splitlines(),
    "en": """Give me an example of {c}
Can you give me an example of {c}?
An example of {b}, please
example of {b}
What would be an example of {c}?
Show me an example of {b}
What's an example of {b}?""".splitlines(),
}
NAME_QUESTIONS = {
    "es": """¿Cómo se llama {clue}?
¿Cómo se le llama a {clue}?
¿Cómo se dice {clue}?
¿Qué nombre tiene {clue}?
¿Cuál es el nombre de {clue}?
¿Qué es {clue}?
No recuerdo el nombre: {clue}
¿Cómo se llamaba {clue}?
¿Qué palabra significa {clue}?
{clue}, ¿cómo se llama?""".splitlines(),
    "en": """What do you call {clue}?
What is the name for {clue}?
What's the name of {clue}?
What is {clue} called?
How do you call {clue}?
I forgot the name: {clue}
What's the word for {clue}?
{clue}, what is it called?
Which term means {clue}?""".splitlines(),
}
FOLLOW_UPS = {
    "es": ["Dame un ejemplo", "¿Por ejemplo?", "Ponme un ejemplo", "¿Me das un ejemplo?", "un ejemplo por favor", "no lo entiendo, ¿un ejemplo?", "¿Y un ejemplo?"],
    "en": ["Give me an example", "For example?", "Such as?", "Can you give me an example?", "an example please", "I don't get it, an example?", "And an example?"],
}
PICTURE_FOLLOW_UPS = {
    "es": ["Dibújalo", "Muéstramelo en una imagen", "¿Puedes hacer un dibujo de eso?", "Hazme una imagen de eso", "Ahora con una imagen", "Ilústralo",
           "¿Me lo dibujas?", "quiero verlo en una imagen", "Haz un dibujo que lo explique"],
    "en": ["Draw it", "Show it to me in a picture", "Can you draw that?", "Make a picture of that", "Now with a picture", "Illustrate it",
           "Could you sketch it for me?", "I want to see it as an image", "Make a drawing that explains it"],
}
BEFORE_QUESTION = {
    "es": """Soy nuevo en esto,
Mañana tengo examen:
En el trabajo salió el tema y no lo tengo claro:
Perdona la pregunta tonta,
Estoy estudiando y no me entra:
A ver si me ayudas:
Duda rápida,
Mi profe lo dijo en clase y me perdí,
Llevo un rato leyendo y nada,
Oye, una cosa,
No soy muy técnico,
Mi hija me pregunta,
Soy estudiante,
Estaba viendo un vídeo y dijeron algo de eso,
Siempre me lío con esto,
Para un trabajo de clase,
En una entrevista me preguntaron:
Con palabras sencillas,
En serio,
Nunca lo he entendido,
Un amigo dice que lo sabe pero yo no:
Si no es molestia,
hola, tengo una pregunta, """.splitlines(),
    "en": """I'm new to this,
I have an exam tomorrow:
It came up at work and I'm lost:
Silly question maybe,
I'm studying and it won't stick:
Quick one,
My teacher said it in class and I got lost,
I've been reading for a while and still nothing,
Hey, one thing,
I'm not very technical,
My daughter asks me,
As a student,
I was watching a video that mentioned it,
I always mix this up,
For a school paper,
In an interview they asked me:
In plain words,
Seriously,
I never understood it,
A friend claims to know but I don't:
If you don't mind,
hi, I have a question, """.splitlines(),
}
AFTER_QUESTION = {
    "es": """, sin imágenes
, sin dibujos, solo texto
, solo con palabras
, no hace falta que lo dibujes
. No quiero un dibujo, solo la explicación
 en programación
 en informática
 en matemáticas
 en la vida real
 en general
 en este contexto
, facilito
, explicado fácil
, me lo cuentas?
, ¿me lo explicas?
, me la cuentas facilito?
, ¿me echas una mano?
, por favor
 porfa
 con tus palabras
 para principiantes
 para alguien que empieza
, que no lo pillo
, que me perdí
, en corto
 y por qué importa
 y para qué sirve
, así en plan sencillo
, sin tecnicismos
 cuando programas
, lo vi en un libro
, nadie me lo sabe explicar""".splitlines(),
    "en": """, no pictures
, just in words
, without drawing anything
. No picture please, only the explanation
, words only
 in programming
 in computing
 in maths
 in real life
 in general
 in this context
, simply put
, the easy version
, can you explain?
, could you help me out?
, please
 pls
 in your own words
 for beginners
 for someone just starting
, I don't get it
, I got lost
, in short
 and why it matters
 and what it's for
, without jargon
 when you program
, I saw it in a book
, nobody can explain it to me""".splitlines(),
}
