extension Synonyms {
    /// What statistical offices call things, for `Synonyms`. One fact per line, spellings separated by `|`; capitals, punctuation and diacritics do not
    /// count; `#` stands for any year. What is a matter of opinion does not belong here: a wrong match is worse than none.
    static let text = #"""
        # component MEANING: ids of components (or of the concepts behind them) that mean it
        component TIME_PERIOD: TIME_PERIOD | TIME
        component OBS_VALUE: OBS_VALUE
        component FREQ: FREQ | FREQUENCY
        component REF_AREA: REF_AREA | GEO | AREA | GEO_AREA | TERRITORY
        component SEX: SEX | GENDER
        component AGE: AGE | AGE_GROUP | AGE_GRP | AGEGROUP
        component URBANISATION: URBANISATION | URBANIZATION | DEGURBA | LOCATION | RESIDENCE
        component DISABILITY_STATUS: DISABILITY_STATUS | DISABILITY
        component INCOME_WEALTH_QUANTILE: INCOME_WEALTH_QUANTILE | QUANTILE | QUINTILE | INCOME_QUANTILE
        component EDUCATION_LEV: EDUCATION_LEV | EDUCATION_LEVEL | EDUCATION | ISCED
        component OCCUPATION: OCCUPATION | OCU | ISCO
        component ACTIVITY: ACTIVITY | ECON_ACTIVITY | ISIC | NACE
        component PRODUCT: PRODUCT
        component CITIZENSHIP: CITIZENSHIP | CITIZEN | NATIONALITY
        component SERIES: SERIES | INDICATOR | INDICATORS
        component UNIT_MEASURE: UNIT_MEASURE | UNIT
        component UNIT_MULT: UNIT_MULT
        component OBS_STATUS: OBS_STATUS
        component COMMENT_OBS: COMMENT_OBS
        component SOURCE_DETAIL: SOURCE_DETAIL

        # header MEANING: names of a column that say what it is; weak: names that leave it open, so that the labels have to agree
        header TIME_PERIOD: year | years | period | time | reporting period | reference period | reference year | date | month | quarter
        header TIME_PERIOD: год | годы | период | տարի | տարեթիվ | ժամանակահատված
        header OBS_VALUE: value | values | obs value | observation | figure | data value | значение | показатель значение | արժեք | ցուցանիշի արժեք
        header FREQ: frequency | periodicity | периодичность
        header REF_AREA: reference area | region | regions | marz | marzes | province | oblast | geographic area | geo area | territory | регион | область | մարզ
        weak REF_AREA: country | countries | area | location | place | страна | երկիր
        header SEX: sex | gender | пол | սեռ
        header AGE: age | age group | age groups | ages | age category | возраст | возрастная группа | տարիք | տարիքային խումբ
        header URBANISATION: urbanisation | urbanization | urban rural | type of settlement | settlement type | urban and rural | place of residence type
        weak URBANISATION: location | residence | place of residence | settlement | area | местность | բնակավայր
        header DISABILITY_STATUS: disability | disability status | инвалидность | հաշմանդամություն
        header INCOME_WEALTH_QUANTILE: quintile | quintiles | quantile | quantiles | income quintile | wealth quintile | income group quintile
        header EDUCATION_LEV: education | education level | level of education | educational level | education type | type of education | educational attainment
        header EDUCATION_LEV: уровень образования | կրթության մակարդակ
        header OCCUPATION: occupation | type of occupation | occupation group | occupations | профессия | занятие | զբաղմունք
        header ACTIVITY: economic activity | activity | type of economic activity | kind of activity | industry | sector of economy | вид экономической деятельности
        header PRODUCT: product | products | type of product | commodity | продукт
        header CITIZENSHIP: citizenship | country of citizenship | nationality | гражданство | քաղաքացիություն
        header SERIES: series | indicator | indicators | sdg series | series name | indicator name | показатель | ցուցանիշ
        header UNIT_MEASURE: unit | units | unit of measure | unit of measurement | measure unit | measurement unit | единица измерения | չափի միավոր
        header COMMENT_OBS: comment | comments | note | notes | remark | remarks | footnote | footnotes | примечание | ծանոթագրություն
        header SOURCE_DETAIL: source | sources | data source | источник | աղբյուր
        header OBS_STATUS: status | observation status | obs status

        # evident: meanings whose labels say by themselves what they are, whatever the column is called
        evident: SEX | URBANISATION | DISABILITY_STATUS | INCOME_WEALTH_QUANTILE | AGE

        # code MEANING CODE,CODE…: labels of the first of these codes that the code list has
        code SEX M: male | males | man | men | boy | boys | мужской | мужчина | мужчины | мальчики | տղամարդ | տղամարդիկ | արական | տղա | տղաներ
        code SEX F: female | females | woman | women | girl | girls | женский | женщина | женщины | девочки | կին | կանայք | իգական | աղջիկ | աղջիկներ
        code SEX _T,T,TOTAL: total | both sexes | both sex | bothsexes | bothsex | all | male and female | men and women | boys and girls | оба пола | всего | ընդամենը
        code AGE _T,T,TOTAL: total | all | all ages | all age groups | any age | всего | все возрасты | ընդամենը
        code URBANISATION U,URB,URBAN: urban | urban area | urban areas | city | cities | town | towns | urban population | город | городская местность | քաղաք | քաղաքային
        code URBANISATION R,RUR,RURAL: rural | rural area | rural areas | village | villages | rural population | село | сельская местность | գյուղ | գյուղական
        code URBANISATION _T,T: total | all areas | urban and rural | всего | ընդամենը
        code DISABILITY_STATUS PD: disabled | with disabilities | with disability | with a disability | persons with disabilities | person with disability | people with disabilities | disabled persons
        code DISABILITY_STATUS PWD: not disabled | without disabilities | without disability | persons without disabilities | non disabled
        code DISABILITY_STATUS _T,T: total | всего | ընդամենը
        code INCOME_WEALTH_QUANTILE Q1: i quintile | 1 quintile | 1st quintile | first quintile | quintile i | quintile 1 | poorest quintile | lowest quintile
        code INCOME_WEALTH_QUANTILE Q2: ii quintile | 2 quintile | 2nd quintile | second quintile | quintile ii | quintile 2
        code INCOME_WEALTH_QUANTILE Q3: iii quintile | 3 quintile | 3rd quintile | third quintile | quintile iii | quintile 3 | middle quintile
        code INCOME_WEALTH_QUANTILE Q4: iv quintile | 4 quintile | 4th quintile | fourth quintile | quintile iv | quintile 4
        code INCOME_WEALTH_QUANTILE Q5: v quintile | 5 quintile | 5th quintile | fifth quintile | quintile v | quintile 5 | richest quintile | highest quintile
        code INCOME_WEALTH_QUANTILE _T,T: total | всего | ընդամենը
        code EDUCATION_LEV ISCED11_02: pre primary | pre primary education | preprimary
        code EDUCATION_LEV ISCED11_1: primary | primary education | primary school
        code EDUCATION_LEV ISCED11_2: lower secondary | lower secondary education | lower secondary school
        code EDUCATION_LEV ISCED11_3: upper secondary | upper secondary education | upper secondary school
        code EDUCATION_LEV ISCED11_6: bachelor | bachelors | bachelor s degree | bachelor degree
        code EDUCATION_LEV ISCED11_7: master | masters | master s degree | master degree
        code EDUCATION_LEV AGG_5T8: tertiary | tertiary education
        code EDUCATION_LEV _T,T: total | all levels | всего | ընդամենը
        code OCCUPATION _T,T: total | all occupations | всего | ընդամենը
        code ACTIVITY _T,T: total | all activities | all economic activities | всего | ընդամենը
        code PRODUCT _T,T: total | all products | всего | ընդամենը
        code FREQ A: annual | annually | yearly | year | годовая | տարեկան
        code FREQ Q: quarterly | quarter
        code FREQ M: monthly | month
        code OBS_STATUS A: normal | final | actual
        code OBS_STATUS P: provisional | preliminary
        code OBS_STATUS E: estimate | estimated
        code UNIT_MEASURE PT,PERCENT,PC: % | percent | per cent | percentage | pct | процент | проценты | процентов | տոկոս
        code UNIT_MEASURE NUMBER,PS,PERS,UNIT: number | numbers | unit | units | person | persons | people | case | cases | head | heads | count | quantity | pcs | pieces
        code UNIT_MEASURE NUMBER,PS,PERS,UNIT: человек | случай | случаев | единица | единиц | մարդ | դեպք | միավոր
        code UNIT_MEASURE T,TONNES,TN: ton | tons | tonne | tonnes | metric ton | metric tons | metric tonnes | tones | тонна | тонн | տոննա
        code UNIT_MEASURE HA: ha | hectare | hectares | гектар | га | հա | հեկտար
        code UNIT_MEASURE KM: km | kilometre | kilometer | kilometres | kilometers
        code UNIT_MEASURE KM2: km2 | sq km | square km | square kilometre | square kilometer | square kilometres | square kilometers
        code UNIT_MEASURE KG: kg | kilogram | kilograms | kilogramme | kilogrammes
        code UNIT_MEASURE USD: usd | us dollar | us dollars | united states dollar | united states dollars | $ | current usd | current us dollars | current united states dollars | nominal usd
        code UNIT_MEASURE CON_USD: constant usd | constant us dollars | constant united states dollars | constant # usd | constant # us dollars | constant # united states dollars | usd constant #
        code UNIT_MEASURE CUR_LCU,XDC: local currency | national currency | dram | drams | amd | armenian dram | armenian drams | դրամ | драм
        code UNIT_MEASURE USD_PER_M3: usd per m3 | usd m3 | us dollars per cubic metre | us dollars per cubic meter | united states dollars per cubic meter
        code UNIT_MEASURE M_M3_PER_YR: million m3 year | million m3 per year | mln m3 year | mln m3 per year | million cubic metres per year | million cubic meters per year
        code UNIT_MEASURE PER_100000_POP: per 100000 inhabitants | per 100000 people | per 100000 persons | на 100000 населения | 100000 բնակչի հաշվով
        code UNIT_MEASURE PER_10000_POP: per 10000 inhabitants | per 10000 people | per 10000 persons
        code UNIT_MEASURE PER_1000_POP: per 1000 inhabitants | per 1000 people | per 1000 persons | на 1000 населения
        code UNIT_MEASURE PER_1000000_POP: per 1000000 population | per 1000000 inhabitants | per million inhabitants | per million people
        code UNIT_MEASURE PER_100_POP: per 100 inhabitants | per 100 people | per 100 persons
        code UNIT_MEASURE BOOL: yes no | yes 1 no 0 | 1 yes 0 no | true false | boolean
        code UNIT_MEASURE IX: index | indices | index points | индекс | համաթիվ
        code UNIT_MEASURE RO: ratio | coefficient

        # scale N: words before a unit that multiply by ten to the N
        scale 2: hundred | hundreds
        scale 3: thousand | thousands | thsd | thous | ths | 1000 | тысяча | тысяч | тыс | հազար
        scale 6: million | millions | mln | mn | mio | 1000000 | миллион | миллионов | млн | միլիոն | մլն
        scale 9: billion | billions | bln | bn | 1000000000 | миллиард | миллиардов | млрд | միլիարդ | մլրդ

        # age: the words of an age; a label with any other word is no age. sure: words that no other label has
        age sure: age | ages | aged | age group | old | yo | возраст | в возрасте | տարեկան
        age filler: of | year | years | yr | yrs | y | лет | год | года | տարի
        age month: month | months | mo | месяц | месяцев | ամսական
        age under: under | below | less than | younger than | < | младше | до | մինչև
        age over: + | and over | and older | and above | and more | or over | or older | or more | over and | years and over | plus | и старше | и более | և բարձր | և ավելի
        age from: >= | from | at least
        age to: to | through

        # month N: names of months
        month 1: january | jan | январь | հունվար
        month 2: february | feb | февраль | փետրվար
        month 3: march | mar | март | մարտ
        month 4: april | apr | апрель | ապրիլ
        month 5: may | май | մայիս
        month 6: june | jun | июнь | հունիս
        month 7: july | jul | июль | հուլիս
        month 8: august | aug | август | օգոստոս
        month 9: september | sep | sept | сентябрь | սեպտեմբեր
        month 10: october | oct | октябрь | հոկտեմբեր
        month 11: november | nov | ноябрь | նոյեմբեր
        month 12: december | dec | декабрь | դեկտեմբեր

        # missing: texts in place of a number that mean "no value"
        missing: .. | ... | … | - | – | — | na | n/a | n.a. | NA | N/A | нет данных

        # stop: words that carry no meaning when the words of two labels are compared
        stop: the | a | an | of | in | for | and | by | at | on | or | as | de | la

        # assume MEANING CODE NAME: what a component without a column is taken to be, where its code list calls that code so
        assume UNIT_MULT 0: units
        assume OBS_STATUS A: normal value
        empty OBS_STATUS O: missing value
        """#
}
