"""Words for what is drawn: which of thau-nano's nouns, colours and places are drawn as which of ours.

A noun that no table has gets a subject of its category, always the same one, so that every word of the vocabulary has
a picture.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import zlib
from functools import cache
from pathlib import Path
from types import ModuleType

from .composition import COLORS, DRAWINGS
from .places import PLACES
from .styles import STYLES

LIKE: dict[str, str] = {
    "fox": "vixen, jackal, fennec fox, coyote, dingo, hyena, wolf, she-wolf, wolf cub, werewolf, wolf pack, kitsune, raccoon, ferret, weasel, marten, stoat",
    "cat": "kitten, female cat, siamese cat, persian cat, stray cat, wildcat, lynx, ocelot, feline, house cat, tomcat, puma, cougar, panther, leopard, snow leopard, cheetah, jaguar, pussycat",
    "dog": "puppy, little dog, female dog, german shepherd, labrador, golden retriever, poodle, chihuahua, bulldog, french bulldog, dalmatian, greyhound, husky, beagle, boxer dog, pug, rottweiler, doberman, saint bernard, great dane, dachshund, mastiff, border collie, corgi, podenco, stray dog, sheepdog, guide dog, police dog, hound, robot dog, pet",
    "horse": "mare, colt, filly, pony, donkey, mule, zebra, rocking horse, centaur, stallion, foal, steed, okapi, camel, dromedary",
    "unicorn": "pegasus, hippogriff, alicorn, winged horse, magical horse",
    "rabbit": "bunny, hare, female rabbit, easter bunny, plush rabbit, chinchilla, kangaroo, wallaby",
    "bear": "polar bear, brown bear, female bear, bear cub, little bear, panda, panda bear, teddy bear, koala, stuffed animal, spectacled bear, grizzly, gorilla, yeti, bigfoot, sloth, wombat, badger, beaver, marmot, groundhog",
    "lion": "lioness, lion cub, tiger, tigress, tiger cub, saber-toothed tiger, griffin, chimera, manticore, sphinx, beast, nemean lion",
    "elephant": "mammoth, baby elephant, rhinoceros, hippopotamus, tapir, rhino, hippo",
    "cow": "bull, ox, calf, heifer, bison, buffalo, yak, minotaur, wildebeest",
    "pig": "piglet, suckling pig, wild boar, peccary, hog, sow, piggy bank, capybara, guinea pig",
    "sheep": "lamb, little lamb, ram, goat, kid goat, alpaca, llama, vicuna, guanaco, flock of sheep, mouflon, ewe",
    "deer": "fawn, doe, reindeer, moose, elk, roe deer, fallow deer, gazelle, antelope, impala, ibex, chamois, stag, caribou",
    "giraffe": "young giraffe, tall giraffe",
    "mouse": "rat, little mouse, hamster, gerbil, shrew, dormouse, mole, opossum, hedgehog, porcupine, squirrel, chipmunk, rodent, vole",
    "monkey": "chimpanzee, orangutan, gibbon, baboon, mandrill, macaque, marmoset, spider monkey, ape, lemur, tamarin",
    "bat": "vampire bat, fruit bat, vampire, gargoyle",
    "bird": "little bird, pigeon, sparrow, swallow, goldfinch, canary, robin, nightingale, blackbird, starling, hummingbird, woodpecker, kingfisher, hoopoe, crow, raven, magpie, parrot, cockatoo, budgie, macaw, toucan, quetzal, seagull, albatross, dove, turtledove, cuckoo, eagle, bald eagle, falcon, sparrowhawk, vulture, condor, hawk, bird of prey, seabird, flock of birds, phoenix, bird of paradise, finch",
    "owl": "barn owl, little owl, night owl, snowy owl",
    "duck": "duckling, female duck, goose, swan, rubber duck, pelican, cormorant, flamingo, heron, stork, crane bird, ibis, gosling",
    "penguin": "puffin, emperor penguin, baby penguin, auk",
    "chicken": "hen, rooster, chick, turkey, peacock, pheasant, partridge, quail, cockerel, ostrich, emu, dodo, kiwi bird",
    "fish": "goldfish, little fish, clownfish, pufferfish, flying fish, angelfish, trout, carp, pike fish, catfish, piranha, koi fish, salmon, tuna, sardine, cod, turbot, barracuda, school of fish, anchovy, herring, hake, seahorse, tropical fish",
    "whale": "blue whale, humpback whale, sperm whale, beluga, narwhal, orca, elephant seal, seal, walrus, manatee, sea lion, leviathan",
    "shark": "great white shark, hammerhead shark, whale shark, swordfish, dolphin, porpoise, stingray, manta ray",
    "turtle": "sea turtle, giant tortoise, tortoise, armadillo, terrapin",
    "snake": "cobra, viper, boa, python, anaconda, rattlesnake, grass snake, eel, moray eel, worm, earthworm, basilisk, serpent, sea serpent, feathered serpent, gorgon, hydra",
    "frog": "toad, little frog, tadpole, salamander, newt, axolotl, amphibian, tree frog",
    "octopus": "squid, giant squid, cuttlefish, kraken, sea monster, nautilus, octopus monster",
    "jellyfish": "sea anemone, moon jelly, man of war, ufo, flying saucer",
    "crab": "hermit crab, lobster, european lobster, crayfish, prawn, shrimp, king prawn, scorpion",
    "snail": "slug, seashell, shell, conch, snail shell, ammonite",
    "butterfly": "moth, monarch butterfly, caterpillar, fairy, dragonfly, chrysalis, tooth fairy, pixie",
    "bee": "wasp, bumblebee, queen bee, fly, mosquito, firefly, hornet, cicada, swarm, insect, bug, cricket, grasshopper",
    "ladybug": "beetle, stag beetle, cockroach, ladybird, scarab, flea, tick, louse, trilobite",
    "spider": "tarantula, black widow, ant, spiderweb, scorpion spider, centipede, millipede, mantis",
    "dragon": "wyvern, baby dragon, chinese dragon, sea dragon, alebrije, demon, monster, fire dragon, ice dragon, komodo dragon",
    "dinosaur": "tyrannosaurus, triceratops, stegosaurus, velociraptor, diplodocus, brachiosaurus, ankylosaurus, spinosaurus, iguanodon, plesiosaur, baby dinosaur, lizard, iguana, chameleon, gecko, small lizard, crocodile, alligator, caiman, reptile, t-rex, lake monster",
    "boat": "sailboat, motorboat, rowboat, canoe, kayak, raft, gondola, catamaran, fishing boat, lifeboat, paper boat, yacht, dinghy, tugboat, jet ski, sail",
    "ship": "sailing ship, galleon, caravel, pirate ship, viking ship, vessel, ocean liner, cruise ship, ferry, cargo ship, oil tanker, aircraft carrier, steamboat, ship in a bottle, frigate, warship, submarine, spanish galleon",
    "car": "automobile, taxi, race car, sports car, classic car, flying car, electric car, convertible, limousine, jeep, off-road vehicle, police car, toy car, go-kart, formula one car, golf cart, ambulance, bumper cars, sedan, beetle car, quad bike, cab",
    "bus": "school bus, double-decker bus, minibus, van, camper van, caravan, tram, ice cream truck, food truck, delivery van, trailer, coach bus, minivan",
    "truck": "pickup truck, fire truck, dump truck, garbage truck, tanker truck, cement mixer, tractor, excavator, bulldozer, forklift, tank, steamroller, combine harvester, crane, lorry, stagecoach, carriage, cart",
    "train": "locomotive, steam locomotive, steam train, bullet train, high-speed train, train car, subway, monorail, toy train, railway, steam engine, funicular",
    "bicycle": "bike, mountain bike, tandem bicycle, tricycle, unicycle, kick scooter, electric scooter, wheel, exercise bike, wheelchair, racing bike",
    "motorcycle": "motor scooter, moped, motorbike, scooter, snowmobile, vespa, chopper bike",
    "plane": "airplane, jet, fighter jet, private jet, glider, biplane, light aircraft, seaplane, bomber, paper airplane, aircraft, space shuttle, airliner, hang glider, spy plane, pterodactyl",
    "helicopter": "drone, rescue helicopter, police helicopter, chopper",
    "rocket": "spaceship, space rocket, spacecraft, missile, torpedo, space probe, satellite, space capsule, lunar lander, mothership, space station, firecracker",
    "hot air balloon": "airship, zeppelin, parachute, paraglider, blimp, montgolfier",
    "house": "building, cabin, hut, cottage, barn, farm, farmhouse, country house, chalet, villa, mansion, home, treehouse, haunted house, church, chapel, school, shop, bakery, hospital, library, museum, hotel, restaurant, stable, warehouse, shed, dollhouse, doghouse, apartment, apartment building, village, hamlet, train station, post office, igloo, tent, mill, windmill, garage, convent, monastery, gingerbread house, pagoda, temple",
    "castle": "palace, fortress, fort, kingdom, floating castle, sandcastle, bouncy castle, citadel, cathedral, alcazar, city, lost city, futuristic city, mosque, ruins, throne room, city wall, wall",
    "tower": "lighthouse, clock tower, bell tower, skyscraper, water tower, obelisk, silo, column, minaret, watchtower, monument, eiffel tower, statue, bunker, chess piece",
    "bridge": "suspension bridge, drawbridge, aqueduct, arch, viaduct, stone bridge, golden gate bridge, dam, footbridge",
    "flower": "daisy, sunflower, tulip, poppy, lily, orchid, carnation, geranium, hydrangea, dahlia, chrysanthemum, daffodil, hyacinth, iris, begonia, petunia, pansy, magnolia, azalea, hibiscus, marigold, water lily, lotus flower, dandelion, bellflower, snowdrop, anemone, crocus, wildflower, edelweiss, petal, cherry blossom, bouquet, bouquet of flowers, pot of flowers, jasmine, plant, gerbera, blossom",
    "rose": "rosebush, peony, camellia, gardenia, flower bud, rosebud, long-stemmed rose, climbing rose",
    "tree": "oak, pine, fir, palm tree, cypress, cedar, beech, birch, poplar, willow, weeping willow, elm, ash tree, maple, chestnut tree, olive tree, apple tree, pear tree, cherry tree, fruit tree, christmas tree, bonsai, sequoia, baobab, acacia, bush, shrub, hedge, walnut tree, fig tree, eucalyptus, linden, jacaranda, coconut palm, tree trunk, forest, pine forest, yew, juniper, holm oak, spruce",
    "mushroom": "wild mushroom, button mushroom, toadstool, fungus, truffle mushroom, portobello, fly agaric",
    "cactus": "saguaro, prickly pear cactus, succulent, aloe vera, agave, carnivorous plant, venus flytrap, asparagus",
    "apple": "pear, peach, plum, cherry, tomato, mango, pomegranate, fruit, apricot, nectarine, quince, persimmon, fig, strawberry, raspberry, berry, grapefruit, lemon, lime, tangerine, melon, watermelon, onion, beetroot, turnip, radish",
    "pumpkin": "jack-o'-lantern, squash, gourd, bell pepper, eggplant, cauliflower, cabbage, lettuce, artichoke, halloween pumpkin",
    "cake": "birthday cake, wedding cake, cheesecake, sponge cake, pie, apple pie, tart, slice of cake, dessert, muffin, brownie, pudding, flan, kings' cake, pancake, waffle, jelly, custard",
    "ice cream": "ice cream cone, cone, sorbet, popsicle, cupcake, lollipop, frozen yogurt, gelato, milkshake",
    "cup": "mug, cup of coffee, coffee, tea, cup of tea, teapot, hot chocolate, glass, goblet, wine glass, bowl, pot, bucket, jar, chalice, pitcher, cauldron, coffee maker, herbal tea, coffee with milk, holy grail, soup, teacup, saucepan, vase, trophy",
    "robot": "android, cyborg, humanoid, automaton, giant robot, toy robot, machine, alien, extraterrestrial, martian, golem, exoskeleton, robotic arm, tin man, artificial intelligence, robot vacuum, toy",
    "lamp": "floor lamp, table lamp, lantern, light bulb, candle, streetlight, ceiling lamp, desk lamp, torch, flashlight, candelabra, magic lamp, paper lantern, light, bell",
    "clock": "alarm clock, watch, wall clock, pocket watch, pendulum clock, cuckoo clock, stopwatch, timer, hourglass, compass, barometer, smartwatch, sundial, digital clock, wristwatch",
    "book": "open book, notebook, diary, magazine, dictionary, encyclopedia, spellbook, grimoire, bible, comic book, book cover, novel, letter, newspaper, sketchbook, passport, album cover, map, textbook, magic book",
    "guitar": "electric guitar, bass guitar, ukulele, violin, cello, banjo, mandolin, lute, double bass, viola, charango, sitar, lyre, harp, acoustic guitar",
    "star": "bright star, shooting star, starfish, christmas star, sparkle, comet, snowflake, supernova, medal, badge, sheriff badge, explosion",
    "moon": "crescent moon, half moon, new moon, banana, planet, red planet, natural satellite, croissant, moonlight",
    "sun": "rising sun, gear, sunbeam, eclipse, solar eclipse, dawn, mandala",
    "heart": "human heart, valentine, red heart, love heart, love, strawberry heart",
    "crown": "tiara, royal crown, laurel wreath, flower crown, headband, treasure, diadem, jewel crown",
    "key": "golden key, keychain, house key, old key, padlock, lock, wrench, spanner",
    "umbrella": "parasol, beach umbrella, sunshade, umbrella stand, parachute toy",
    "balloon": "balloons, party balloon, kite, bubble, soap bubble, light balloon, helium balloon, piñata, christmas ornament",
    "chair": "armchair, rocking chair, stool, throne, office chair, high chair, folding chair, bench, park bench, table, desk, bed, sofa, swing, wooden chair, school desk, nightstand, dining table",
    "hat": "cap, beanie, top hat, cowboy hat, straw hat, beret, helmet, sombrero, witch hat, wizard hat, party hat, bowler hat, fedora, santa hat, turban",
    "ball": "soccer ball, basketball, volleyball, beach ball, tennis ball, football, marble, baseball, golf ball, rugby ball, bowling ball, sphere, circle, snowball, world, earth, globe, pearl, yo-yo, crystal ball, dot, toy ball",
    "gift": "gift box, present, box, cardboard box, package, christmas present, parcel, treasure chest, chest, trunk, wooden crate, die, dice, suitcase, square, cube, rubik's cube, envelope, refrigerator, wardrobe",
    "sword": "magic sword, saber, katana, dagger, knife, lightsaber, spear, blade, machete, scimitar, pencil, paintbrush, magic wand, wand, screwdriver, rapier, axe, needle, shovel, arrow",
    "bottle": "bottle of wine, wine, potion, magic potion, perfume, perfume bottle, water bottle, wine bottle, flask, baby bottle, soda bottle, ketchup, juice, milk, beer, olive oil, jar of honey, champagne, test tube, thermos, message in a bottle, poison",
    "computer": "laptop, screen, monitor, television, television set, tablet, desktop computer, pc, cell phone, smartphone, telephone, keyboard, supercomputer, game console, arcade machine, radio, microwave, camera, video game",
    "diamond": "gem, gemstone, jewel, crystal, rhombus, precious stone, brilliant, quartz, rock crystal, mineral, opal, prism",
    "ghost": "specter, spirit, phantom, poltergeist, weeping woman ghost, mummy, zombie, grim reaper, reaper, skeleton, soul, bedsheet ghost",
    "dress": "skirt, gown, wedding dress, tutu, nightgown, blouse, shirt, t-shirt, coat, jacket, sweater, costume, suit, robe, kimono, uniform, tunic, cape, raincoat, vest, swimsuit",
    "shoe": "shoes, sneaker, sneakers, boot, boots, sandal, slipper, high heel, high heels, glass slipper, sock, football boot, trainer, roller skate, skates, moccasin, clog",
    "cloud": "storm cloud, thundercloud, smoke, fog cloud, cotton candy, fluffy cloud, little cloud, puff",
    "snowman": "snow sculpture, gingerbread man, frosty, snow doll, russian dolls, matryoshka doll",
    "man": "boy, person, gentleman, young man, father, dad, old man, grandfather, brother, uncle, teacher, doctor, farmer, soldier, policeman, police officer, firefighter, cook, sailor, pilot, people, giant, ogre, troll, cyclops, orc, student, neighbor, worker, scientist, engineer, carpenter, businessman, musician, painter, photographer, baker, waiter, footballer, athlete, hero, superhero, prince, groom, husband, pirate, cowboy, detective, samurai, ninja, viking, clown, judge, driver, mechanic, fisherman, actor, human, guy, runner, boxer",
    "woman": "girl, lady, young lady, mother, mom, old woman, grandmother, sister, aunt, wife, nurse, ballerina, dancer, singer, actress, waitress, businesswoman, bride, policewoman, heroine, superheroine, flamenco dancer, model, huntress, witch doctor, nun, maid, librarian, seamstress, gymnast, teacher lady",
    "child": "children, little boy, little girl, baby, kid, toddler, son, daughter, twin, newborn, teenager, pupil, grandson, granddaughter, doll, toy figure, puppet, nephew, niece, schoolboy, schoolgirl, elf, gnome, goblin, dwarf, leprechaun, cherub, angel",
    "wizard": "sorcerer, warlock, magician, druid, alchemist, necromancer, mage, merlin, monk, santa claus, hermit, oracle, genie, prophet",
    "witch": "sorceress, enchantress, old witch, young witch, hag, halloween witch",
    "knight": "warrior, knight-errant, dark knight, gladiator, crusader, armored knight, armor, musketeer, archer, squire, guard, valkyrie, tin soldier, paladin, shield",
    "astronaut": "cosmonaut, spaceman, spacewoman, spacesuit, space explorer, diver, scuba diver, diving suit, space helmet, moon walker",
    "princess": "queen, empress, duchess, countess, fairy godmother, goddess, noblewoman, muse, nymph, princess bride, cinderella",
    "king": "emperor, pharaoh, god, duke, sultan, monarch, czar, titan, count, pope, bishop, maharaja",
    "mermaid": "undine, siren, merman, little mermaid, sea nymph, naiad",
}
"""Subject → other nouns drawn as it."""

TAUGHT: tuple[str, ...] = (
    "fox", "cat", "dog", "horse", "rabbit", "bear", "elephant", "giraffe", "bird", "owl", "penguin", "fish", "whale", "turtle", "snake", "frog", "octopus",
    "snail", "butterfly", "dragon", "boat", "car", "bus", "train", "bicycle", "plane", "rocket", "hot air balloon", "house", "castle", "flower", "tree",
    "mushroom", "cactus", "apple", "cake", "cup", "robot", "guitar", "star", "moon", "heart", "crown", "umbrella", "ghost", "snowman", "man", "wizard", "princess",
)  # fmt: skip
"""The subjects that the model learns: as many as two cores can teach it in some hours. `NEAREST` has one of them for each other."""

NEAREST: dict[str, str] = {
    "unicorn": "horse", "lion": "bear", "cow": "horse", "pig": "bear", "sheep": "dog", "deer": "horse", "mouse": "rabbit", "monkey": "bear", "bat": "butterfly",
    "duck": "bird", "chicken": "bird", "shark": "whale", "jellyfish": "octopus", "crab": "turtle", "bee": "butterfly", "ladybug": "turtle", "spider": "octopus",
    "dinosaur": "dragon", "ship": "boat", "truck": "bus", "motorcycle": "bicycle", "helicopter": "plane", "tower": "castle", "bridge": "castle",
    "rose": "flower", "pumpkin": "apple", "ice cream": "cake", "lamp": "mushroom", "clock": "moon", "book": "house", "sun": "star", "key": "guitar",
    "balloon": "hot air balloon", "chair": "house", "hat": "crown", "ball": "apple", "gift": "cake", "sword": "guitar", "bottle": "cup", "computer": "robot",
    "diamond": "heart", "dress": "princess", "shoe": "boat", "cloud": "ghost", "woman": "princess", "child": "man", "witch": "wizard", "knight": "man",
    "astronaut": "robot", "king": "wizard", "mermaid": "princess",
}  # fmt: skip
"""A subject that can be drawn but is not taught → the taught one that it looks most like."""

FALLBACK: dict[str, tuple[str, ...]] = {
    "animal": ("fox", "cat", "dog", "horse", "bear", "deer", "mouse", "rabbit", "lion"),
    "people": ("man", "woman", "child"),
    "fantasy": ("dragon", "unicorn", "wizard", "witch", "ghost", "knight", "princess"),
    "vehicle": ("car", "truck", "boat", "plane", "train"),
    "building": ("house", "castle", "tower"),
    "plant": ("flower", "tree", "rose", "cactus", "mushroom"),
    "food": ("cake", "apple", "cup", "ice cream", "pumpkin"),
    "furniture": ("chair", "lamp", "clock"),
    "household": ("cup", "bottle", "lamp", "key", "umbrella"),
    "clothing": ("dress", "hat", "shoe"),
    "technology": ("robot", "computer", "clock"),
    "toy_sport": ("ball", "balloon", "gift", "robot"),
    "music_art": ("guitar", "book"),
    "nature": ("cloud", "sun", "moon", "star", "diamond", "tree"),
    "abstract_visual": ("star", "heart", "diamond", "ball"),
    "body": ("heart", "man", "woman"),
    "other": ("gift", "book", "key", "star", "robot"),
}
"""Subjects for the nouns of a category that `LIKE` does not name."""

SHADES: dict[str, str] = {
    "red": "crimson, scarlet, maroon, burgundy, vermilion, reddish, red-haired, ruby, blood red, wine",
    "orange": "coral, peach, amber, terracotta, coppery, salmon, tangerine",
    "yellow": "golden, gold, blond, blonde, mustard, ochre, yellowish, honey-colored, lemon",
    "green": "emerald, jade, olive, greenish, mint, lime, khaki",
    "turquoise": "teal, cyan, aquamarine, turquoise blue, petrol blue, aqua green, aqua, electric blue",
    "blue": "navy, cobalt, indigo, bluish, azure, sapphire, indigo blue, midnight blue",
    "purple": "violet, lilac, mauve, lavender, purplish, plum",
    "pink": "fuchsia, magenta, rose-colored, pinkish, salmon pink, coral pink",
    "brown": "beige, chocolate brown, mahogany, cinnamon, caramel, bronzed, chestnut, brownish, sand-colored, tan, bronze",
    "black": "charcoal, graphite, jet black, blackish, dark-haired, ebony",
    "white": "ivory, cream, pearl, off-white, whitish, snow white, bone white",
    "gray": "silver, grey, grayish, gray-haired, ash-colored, silvery",
}
"""Colour → other words for it; of two words ("pale blue", "red and white") the tables below decide."""

WHERE: tuple[tuple[str, str], ...] = (
    ("under the sea", r"under the sea|bottom of the sea|coral reef|aquarium|fish bowl|submarine|seabed|ocean floor|underwater|in the ocean|in the sea$|in the water"),
    ("in space", r"space|on the moon$|moon base|mars|galaxy|planet|saturn|in a rocket|among the stars$|crystal ball|in the future$"),
    ("in the city at night", r"city|neon|\balley|nightclub|skyscraper|paris|tokyo|new york|london|in rome$|madrid|rooftop|on the roof|street|new year|concert|fireworks|in a bar$|colorful lights|spotlight|on a stage|subway|1980s"),
    ("in the snow", r"snow|\bice$|iceberg|glacier|north pole|antarctica|winter|christmas|igloo|hail|in the cold|cold light"),
    ("in the desert", r"desert|dunes|oasis|egypt|pyramid|wild west|canyon|sandstorm|mesa|\bnoon$|prehistoric|full sun"),
    ("in the rain", r"\brain(y|s)?\b|storm|lightning|hurricane|tornado|cloudy|umbrella"),
    ("at sunset", r"sunset|dusk|golden hour|in the afternoon|mid-afternoon|red sky|pink sky|golden light|warm light|autumn|sun behind|sunrise|at dawn|early morning|firelight|hell|volcano|battlefield|backlit|africa|savanna|fair$|halloween"),
    ("on a foggy morning", r"fog|mist|swamp|cemetery|ruins|half-light|in the shadows|dim light|in a dream|in the shade"),
    ("under a starry sky", r"night|stars|starry|moon|dark$|northern lights|eclipse|blue hour|day of the dead|campfire|in a tent"),
    ("on the beach", r"beach|island|sand$|sandy|by the sea|facing the sea|sea in the background|pier|harbor|paradise|summer day|tropical|lighthouse|mexico|swimming pool|by the pool"),
    ("in the mountains", r"mountain|cliff|peak|cave|on a rock|valley|among the rocks|olympus|in a mine|avalanche|waterfall$|on a hill|top of a hill"),
    ("in the forest", r"forest|jungle|tree|woods|bamboo|branch|nest|leaf|leaves|enchanted|magical world|wilderness|maze|cabin"),
    ("on a lake", r"lake|river|pond|stream|on a boat|on the waves|on the water|venice|pirate ship|in the mud|bridge|marsh"),
    ("in the sky", r"in the sky|cloud|in the air|hot air balloon|plane$|clear sky|blue sky|flying high|airport|in heaven"),
    ("in the garden", r"garden|park|greenhouse|flower|orchard|vineyard|fence|house$|farm|barn|stable|zoo|village|spring|easter|wedding|birthday|on a swing|hammock"),
    ("in a meadow", r"meadow|grass|field|countryside|sunny|under the sun|sunlight|sunshine|sun rays|summer|daytime|during the day|morning|rainbow|\bwindy?\b|windmill|path|on the road|japan|court|horse$|natural light|bright light|picnic"),
    ("on a plain background", r"background|studio|soft light|plain|in a box|inside a box|dramatic light|cinematic"),
    ("in a room", r"."),
)  # fmt: skip
"""Place → what a phrase of that place looks like; the first that fits is it."""

STYLE_TAGS: tuple[tuple[str, str], ...] = (
    ("watercolor", r"watercolor|pastel drawing|children's book|ink wash|sumi|ghibli|gouache|fairy"),
    ("pixel art", r"pixel|voxel|8-bit|lego|mosaic|embroidery|cross-stitch"),
    (
        "pencil sketch",
        r"pencil|sketch|charcoal|line art|ink drawing|engraving|coloring book|crayon|black and white|manga|graphite|blueprint|botanical|tattoo",
    ),
    (
        "oil painting",
        r"oil painting|van gogh|monet|impressionis|baroque|renaissance|acrylic|expressionist|goya|klimt|pointillism|fresco|rembrandt|surreal|dalí",
    ),
    ("flat illustration", r"."),
)
"""Style → what prompts call it; the first that fits is it."""

NATURAL: dict[str, str] = {
    "fox": "orange red", "cat": "gray orange black white brown", "dog": "brown white black gray", "horse": "brown black white", "unicorn": "white pink purple",
    "rabbit": "white gray brown", "bear": "brown black white", "lion": "yellow orange brown", "elephant": "gray", "cow": "white brown black", "pig": "pink",
    "sheep": "white", "deer": "brown", "giraffe": "yellow orange", "mouse": "gray brown white", "monkey": "brown", "bat": "black brown purple",
    "bird": "blue red yellow", "owl": "brown gray white", "duck": "yellow white", "penguin": "black blue gray", "chicken": "white brown red", "fish": "orange blue yellow",
    "whale": "blue gray", "shark": "gray blue", "turtle": "green", "snake": "green", "frog": "green", "octopus": "purple red pink orange", "jellyfish": "pink purple turquoise",
    "crab": "red orange", "snail": "brown", "butterfly": "blue orange yellow purple", "bee": "yellow", "ladybug": "red", "spider": "black brown", "dragon": "green red",
    "dinosaur": "green", "boat": "white red blue", "ship": "brown", "car": "red blue", "bus": "yellow red", "truck": "red blue", "train": "red green black",
    "bicycle": "red blue", "motorcycle": "red black", "plane": "white blue", "helicopter": "red blue", "rocket": "red white", "hot air balloon": "red yellow orange",
    "house": "white red yellow", "castle": "gray", "tower": "gray white", "bridge": "gray red", "flower": "pink red yellow", "rose": "red pink", "tree": "green",
    "mushroom": "red brown", "cactus": "green", "apple": "red green", "pumpkin": "orange", "cake": "pink white brown", "ice cream": "pink white brown", "cup": "white red blue",
    "robot": "gray blue", "lamp": "yellow red", "clock": "red gray", "book": "red blue brown", "guitar": "brown red", "star": "yellow", "moon": "yellow white", "sun": "yellow orange",
    "heart": "red pink", "crown": "yellow", "key": "yellow gray", "umbrella": "red blue black", "balloon": "red blue", "chair": "brown", "hat": "brown black", "ball": "red blue",
    "gift": "red green blue", "sword": "gray", "bottle": "green", "computer": "gray black white", "diamond": "turquoise blue", "ghost": "white", "dress": "red pink blue",
    "shoe": "red blue white", "cloud": "white gray", "snowman": "white", "man": "blue green red", "woman": "red blue pink", "child": "red blue yellow", "wizard": "blue purple",
    "witch": "black purple", "knight": "red blue", "astronaut": "white orange", "princess": "pink blue", "king": "red purple", "mermaid": "green turquoise",
}  # fmt: skip
"""The colours a subject has when none is asked."""

AT_HOME: dict[str, str] = {
    "under the sea": "fish, whale, shark, octopus, jellyfish, mermaid, turtle, crab",
    "in space": "rocket, astronaut, moon, star, sun",
    "in the sky": "bird, plane, helicopter, hot air balloon, balloon, cloud, bee",
    "on a lake": "boat, ship, duck",
    "in the desert": "cactus",
    "in the snow": "penguin, snowman",
    "in the forest": "fox, bear, owl, deer, mushroom, tree",
    "in a room": "chair, lamp, cat, computer, clock, cake, gift",
    "in a meadow": "horse, cow, sheep, rabbit, butterfly, flower, unicorn",
    "in the city at night": "car, bus, motorcycle",
}
"""Place → the subjects that are there when none is asked."""

NUMBERS: dict[str, tuple[int, int]] = {
    "two": (2, 2), "a pair of": (2, 2), "three": (3, 3), "four": (4, 4), "five": (5, 5), "six": (6, 6), "seven": (6, 6), "ten": (6, 6),
    "many": (5, 6), "several": (4, 6), "some": (3, 6),
}  # fmt: skip
"""Words for how many → the counts drawn for them."""


@cache
def vocabulary() -> ModuleType:
    """thau-nano's vocabulary module, which is not in a package either."""
    path = Path(__file__).resolve().parents[2] / "language" / "vocabulary.py"
    spec = importlib.util.spec_from_file_location("starter_vocabulary", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def subject_of() -> dict[str, str]:
    """Every known noun → its subject among the taught: our own names, `LIKE`'s, and the vocabulary's by their category."""
    found = {subject: subject for subject in DRAWINGS}
    for subject, nouns in LIKE.items():
        for noun in nouns.split(", "):
            found.setdefault(noun, subject)
    for noun in vocabulary().Vocabulary().nouns:
        pool = FALLBACK[noun.category]
        found.setdefault(
            noun.english,
            next(
                (s for s in DRAWINGS if noun.english.endswith(f" {s}")),
                pool[zlib.crc32(noun.english.encode()) % len(pool)],
            ),
        )
    return {noun: NEAREST.get(subject, subject) for noun, subject in found.items()}


@cache
def nouns_of(subject: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other nouns for a subject, in the singular: near ones (`LIKE`), and those that only share its category; none has a colour in it."""
    near = tuple(n for n in LIKE[subject].split(", ") if _countable(n) and subject_of()[n] == subject)
    far = tuple(n for n, s in subject_of().items() if s == subject and n != subject and n not in near and _countable(n))
    return near, far


@cache
def _plural_nouns() -> frozenset[str]:
    """Nouns that stand in the plural already."""
    words = vocabulary()
    return frozenset(
        {noun.english for noun in words.Vocabulary().nouns if noun.plural_only}
        | {words.english_plural(noun) for noun in subject_of()}
    )


def _countable(noun: str) -> bool:
    return noun not in _plural_nouns() and noun not in vocabulary().MASS and not set(noun.split()) & set(color_of())


@cache
def category_of() -> dict[str, str]:
    """Every noun of the vocabulary → its category; our own names have one too."""
    found = {noun.english: noun.category for noun in vocabulary().Vocabulary().nouns}
    for category, subjects in FALLBACK.items():
        for subject in subjects:
            found.setdefault(subject, category)
    return found


@cache
def color_of() -> dict[str, str]:
    """Every word for a colour → our colour."""
    found = {color: color for color in COLORS}
    for color, words in SHADES.items():
        for word in words.split(", "):
            found.setdefault(word, color)
    for adjective in vocabulary().Vocabulary().colors:
        word = adjective.english
        color = found.get(word) or found.get(word.split()[-1]) or found.get(word.split(" and ")[0])
        if " and " in word:
            color = found.get(word.split(" and ")[0])
        if color:
            found.setdefault(word, color)
    return found


@cache
def shades(color: str) -> tuple[str, ...]:
    """The vocabulary's words for a colour (not those of two colours), its own name not among them."""
    return tuple(
        word
        for word, ours in color_of().items()
        if ours == color and word != color and not re.search(r" and |hair|blond", word)
    )


def place_of(phrase: str) -> str:
    """The place that a phrase for a place, time or weather is drawn as."""
    if phrase in PLACES:
        return phrase
    return next(place for place, pattern in WHERE if re.search(pattern, phrase))


@cache
def phrases() -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    """Place → the vocabulary's phrases that are drawn as it, and how common each is."""
    words = vocabulary().Vocabulary()
    found: dict[str, dict[str, float]] = {place: {} for place in PLACES}
    for (_, english, kind), weight in zip(words.places, words.place_weights, strict=True):
        if kind in ("place", "time", "weather") or (
            kind == "light" and re.search(r"moon|star|northern|neon|sunset|fire|street", english)
        ):
            mine = found[place_of(english)]
            mine[english] = mine.get(english, 0) + weight
    return {place: (tuple(mine), tuple(mine.values())) for place, mine in found.items()}


def style_of(tags: str) -> str:
    """The style that style tags are drawn in."""
    return next(style for style, pattern in STYLE_TAGS if re.search(pattern, tags))


@cache
def style_tags() -> dict[str, tuple[str, ...]]:
    """Style → the tags that thau-nano writes for it."""
    words = vocabulary().Vocabulary()
    every = dict.fromkeys(tags for _, tags in [*words.styles_en, *words.styles])
    return {style: tuple(tags for tags in every if style_of(tags) == style) for style in STYLES}


@cache
def homes() -> dict[str, tuple[str, ...]]:
    """Subject → the places it is at home in."""
    return {name: tuple(place for place, names in AT_HOME.items() if name in names.split(", ")) for name in DRAWINGS}
