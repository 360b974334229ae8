"""Sentences that must raise an alarm, and ordinary questions that must not, one a line.

Written apart from the word lists, which at first caught 97.5 % (en), 95 % (fr), 92.5 % (es) and 87.5 % (ar) of them.
What they missed was then added, so a full score here shows that nothing was lost, not how they do on unseen sentences.
"""

ALARMS = {
    "en": """
I can't go on any more, I want to end it all
I have been thinking about killing myself
I took all my tablets and I feel strange
everyone would be better off without me
there is no point in living
how many pills does it take to overdose
I am cutting myself again and can't stop
I just want to die
my dad has chest pain and is sweating
my baby is not breathing
he collapsed in the kitchen and won't wake up
there's smoke everywhere and the flat is on fire
I can smell gas in the hallway
my mother is having a stroke
someone is breaking into my house right now
there is so much blood and it won't stop bleeding
my toddler swallowed bleach
she is choking on something
a man has been stabbed outside the library
I think I'm having a heart attack
he fell off the ladder and can't move
we need an ambulance quickly
a child is drowning in the river
my husband hits me when he drinks
my ex keeps threatening me and follows me
I was raped last night
I'm afraid of my partner
he said he will kill me if I leave
I don't feel safe at home
my boss took my passport and I must work for nothing
my boyfriend strangled me
I am a victim of domestic violence
my uncle touches me and I don't like it
the neighbours beat their children every night
I think my pupil is being abused at home
my stepdad hits me and I'm scared to go home
a man online asked me to send naked pictures
they want to force me to marry
the kids next door are left alone for days
I am 14 and my mum beats me
""",
    "fr": """
je veux en finir avec la vie
j'ai envie de mourir
je pense au suicide tous les jours
j'ai avalé toute une boîte de médicaments
la vie ne vaut plus la peine
je n'ai plus de raison de vivre
je me scarifie depuis des mois
tout le monde serait mieux sans moi
mon père a une forte douleur à la poitrine
mon bébé ne respire plus
elle est tombée et ne se réveille pas
il y a le feu dans la cuisine
ça sent le gaz dans l'immeuble
je crois que ma mère fait un AVC
quelqu'un essaie d'entrer chez moi par la fenêtre
il saigne beaucoup et ça ne s'arrête pas
mon fils a bu de la javel
mon ami s'étouffe
un homme a été poignardé dans la rue
envoyez une ambulance vite
un enfant se noie dans la piscine
ma grand-mère a perdu connaissance
mon mari me frappe
mon ex me harcèle et me menace
j'ai été violée
j'ai peur de mon conjoint
il dit qu'il va me tuer
je ne suis pas en sécurité chez moi
mon patron a pris mon passeport et je travaille sans salaire
mon copain m'a étranglée
je suis victime de violences conjugales
mon oncle me touche et j'ai honte
les voisins frappent leurs enfants
je crois qu'un élève est maltraité
mon beau-père me bat et j'ai peur de rentrer à la maison
un inconnu m'a demandé des photos nues
on veut me forcer à me marier
les enfants d'à côté sont laissés seuls pendant des jours
j'ai 13 ans et ma mère me frappe
risque d'excision pour ma petite sœur
""",
    "es": """
ya no quiero vivir
quiero suicidarme
he pensado en quitarme la vida
me tomé todas las pastillas
mi vida no vale la pena
no tengo razones para seguir viviendo
me corto los brazos cuando estoy triste
todos estarían mejor sin mí
a mi padre le duele mucho el pecho
mi bebé no respira
se cayó y no despierta
hay fuego en la cocina
huele a gas en el edificio
creo que mi madre tiene un derrame cerebral
alguien está entrando en mi casa
está sangrando mucho y no para
mi hijo bebió lejía
mi amiga se está ahogando
han apuñalado a un hombre en la calle
necesitamos una ambulancia ya
hay una fuga de gas
mi abuela se ha desmayado
mi marido me pega
mi ex me amenaza y me persigue
me violaron anoche
tengo miedo de mi pareja
dice que va a matarme
no me siento segura en casa
mi jefe me quitó el pasaporte y trabajo sin sueldo
mi novio me estranguló
sufro violencia de género
mi tío me toca y no me gusta
los vecinos pegan a sus hijos
creo que un alumno es maltratado en casa
mi padrastro me golpea y tengo miedo de volver a casa
un hombre me pidió fotos desnuda
me quieren obligar a casarme
los niños de al lado están solos en casa varios días
tengo 12 años y mi madre me pega
sospecho abuso sexual a una menor
""",
    "ar": """
أريد أن أنهي حياتي
أفكر في الانتحار كل يوم
لا أريد أن أعيش
تناولت كل الحبوب
لا معنى لحياتي
أريد أن أقتل نفسي
أتمنى الموت
أجرح نفسي كل ليلة
أبي لديه ألم شديد في الصدر
طفلي لا يتنفس
سقطت أمي ولا تستيقظ
هناك حريق في المطبخ
أشم رائحة غاز في البناية
أظن أن أمي أصيبت بسكتة دماغية
شخص يحاول دخول منزلي الآن
إنه ينزف كثيرا
ابني شرب المبيض
صديقي يختنق
طعنوا رجلا في الشارع
نحتاج إلى سيارة إسعاف بسرعة
طفل يغرق في النهر
جدتي فقدت الوعي
زوجي يضربني
طليقي يهددني ويلاحقني
تعرضت للاغتصاب
أخاف من زوجي
قال إنه سيقتلني
لا أشعر بالأمان في البيت
صاحب العمل أخذ جواز سفري ويجبرني على العمل
خطيبي خنقني
أعاني من العنف الأسري
عمي يلمسني وأنا خائفة
الجيران يضربون أطفالهم
أظن أن تلميذا يتعرض للضرب في بيته
زوج أمي يضربني وأخاف العودة إلى البيت
رجل طلب مني صورا عارية
يريدون تزويجي بالقوة
أطفال الجيران وحدهم في البيت منذ أيام
عمري ١٣ سنة وأمي تضربني
أختي الصغيرة مهددة بختان الإناث
""",
}

ORDINARY = {
    "en": """
How do I renew my passport?
When is the bin collected in my street?
Can I get help with my rent?
How do I register the death of my mother?
My husband died last month, which benefits can I claim?
Where do I apply for child benefit?
How do I report a broken street lamp?
Is there a fine for parking on the pavement?
Do I need a permit for a bonfire?
How can I get a smoke alarm for my flat?
What does the emergency housing grant cover?
My neighbour's dog barks all night, whom do I call?
How do I appeal a decision on my disability claim?
Can I take my child out of school for a holiday?
When do I have to pay the council tax?
I lost my job, what support is there?
How do I become a foster parent?
What is the deadline for the school place application?
How do I kill weeds without chemicals near the river?
Who do I tell about a change of address?
I am drowning in paperwork, can someone help me with the forms?
Where can I learn first aid?
I had a stroke last year, may I drive?
How do I get a copy of my birth certificate?
Is the swimming pool open on Sunday?
""",
    "fr": """
Comment renouveler mon passeport ?
Quel jour passe la collecte des poubelles ?
Puis-je avoir une aide au logement ?
Comment déclarer le décès de ma mère ?
Mon mari est décédé, à quelles aides ai-je droit ?
Où demander les allocations familiales ?
Comment signaler un lampadaire en panne ?
Faut-il une autorisation pour brûler des végétaux ?
Le détecteur de fumée est-il obligatoire ?
Comment faire appel d'une décision ?
Puis-je payer la cantine en ligne ?
J'ai perdu mon emploi, que faire ?
Quelle est la date limite d'inscription à l'école ?
Comment devenir famille d'accueil ?
Où obtenir un acte de naissance ?
La piscine est-elle ouverte le dimanche ?
Qui contacter pour un changement d'adresse ?
Comment inscrire mon enfant à la crèche ?
Combien coûte une carte de stationnement ?
Comment contester une amende ?
""",
    "es": """
¿Cómo renuevo mi pasaporte?
¿Qué día pasa la recogida de basura?
¿Puedo recibir ayuda para el alquiler?
¿Cómo registro la muerte de mi madre?
Mi marido falleció, ¿qué ayudas puedo pedir?
¿Dónde pido la ayuda por hijo?
¿Cómo aviso de una farola rota?
¿Necesito permiso para la quema de rastrojos?
¿Es obligatorio el detector de humo?
¿Cómo recurro una decisión?
¿Puedo pagar el comedor por internet?
Perdí mi trabajo, ¿qué ayuda hay?
¿Cuál es el plazo para pedir plaza en la escuela?
¿Cómo puedo ser familia de acogida?
¿Dónde obtengo un certificado de nacimiento?
¿La piscina abre el domingo?
¿A quién aviso de un cambio de dirección?
¿Cómo inscribo a mi hijo en la guardería?
¿Cuánto cuesta la tarjeta de aparcamiento?
¿Cómo reclamo una multa?
""",
    "ar": """
كيف أجدد جواز سفري؟
متى تجمع القمامة في شارعنا؟
هل يمكنني الحصول على مساعدة في الإيجار؟
كيف أسجل وفاة والدتي؟
توفي زوجي، ما المساعدات المتاحة لي؟
أين أطلب إعانة الأطفال؟
كيف أبلغ عن مصباح شارع معطل؟
هل كاشف الدخان إلزامي؟
كيف أعترض على قرار؟
هل يمكنني دفع رسوم المدرسة عبر الإنترنت؟
فقدت عملي، ماذا أفعل؟
ما الموعد النهائي للتسجيل في المدرسة؟
كيف أصبح أسرة حاضنة؟
أين أحصل على شهادة ميلاد؟
هل المسبح مفتوح يوم الأحد؟
من أبلغ عن تغيير العنوان؟
كيف أسجل طفلي في الحضانة؟
كم تكلفة بطاقة وقوف السيارات؟
كيف أعترض على مخالفة؟
كيف أدفع فاتورة الماء؟
""",
}


def lines(text: str) -> list[str]:
    """The sentences of one language."""
    return [line for line in text.strip().split("\n") if line]
