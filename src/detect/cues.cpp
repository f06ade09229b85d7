// detect/cues.cpp - the words, in the languages that we know some of, and their table.
#include "detect/cues.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "base/text.hpp"

namespace ajar::detect {
namespace data {
extern const std::string_view given_names_txt;
extern const std::string_view family_names_txt;
}  // namespace data

namespace {

constexpr std::array words{
    CueWords{Cue::phone,
             "telecom|appeler|joindre|answering|registered|ring me|phone|phones|phone "
             "number|telephone|tel|tele|call|calls|called|calling|dial|ring|mobile|cell|cellphone|cell phone|fax|whatsapp|"
             "whats app|sms|text me|text|reach|reached|contact number|contact|callback|call back|voicemail|hotline|office|landline|"
             "telefon|telefonnummer|handy|handynummer|rufnummer|mobil|mobilnummer|telefono|teléfono|tlf|tfno|móvil|movil|celular|cellulare|"
             "téléphone|tél|portable|numéro|telefone|telemóvel|telefoon|telefoonnummer|mobiel|numer telefonu|telefonu|komórka|"
             "puhelin|puhelinnumero|telefonnr|cep|cep telefonu|telefon numarası|msisdn|phone no|ph|mob|mobile number|number|"
             "llame|llámame|llama|appelez|anrufen|rückruf|rückruf an|電話|携帯|전화|휴대폰|هاتف|رقم الهاتف|телефон|тел"},
    CueWords{
        Cue::card,
        "card|cards|credit card|debit card|card number|card no|cc|ccn|cc number|creditcard|visa|mastercard|amex|american express|discover|"
        "diners|maestro|pan|pay with|charge|tarjeta|tarjeta de crédito|carte|carte bancaire|carte "
        "bleue|karte|kreditkarte|kartennummer|carta|"
        "carta di credito|cartão|cartão de crédito|creditcardnummer|kaart|karta|karty|kort|kart|kart numarası|カード|카드|بطاقة|карта"},
    CueWords{Cue::cvv,
             "cvv|cvc|cvv2|cvc2|cid|cvn|csc|security code|card verification|prüfziffer|kartenprüfnummer|código de seguridad|cryptogramme"},
    CueWords{Cue::expiry,
             "exp|expiry|expires|expiration|valid thru|valid until|expiry date|expiration date|gültig bis|caduca|vence|scadenza|ablauf"},
    CueWords{Cue::ssn,
             "ssn|ssns|social security|social security number|social security no|social|socialsecurity|social sec|soc sec|ss number|ss|"
             "tax id ssn|last four of ssn|seguro social|número de seguro social"},
    CueWords{Cue::itin, "itin|individual taxpayer|taxpayer identification number|taxpayer id"},
    CueWords{Cue::tax_id, "tax id|taxid|tin|tax number|tax identification|steuernummer|vat|vat id|ust id|ustid|ein|codice iva|partita iva"},
    CueWords{Cue::passport,
             "passport|passport number|passport no|passports|reisepass|pass nr|passnummer|pasaporte|número de "
             "pasaporte|passeport|passaporto|passaporte|paspoort|"
             "paszport|pasaport|旅券|パスポート|여권|جواز"},
    CueWords{
        Cue::licence,
        "driver license|driver s license|drivers license|driver licence|driver s licence|drivers licence|driving licence|driving "
        "license|licence number|"
        "license number|licence no|license no|dl|dl number|driver id|führerschein|führerscheinnummer|permis de conduire|carnet de conducir|"
        "licencia de conducir|patente di guida|rijbewijs|prawo jazdy"},
    CueWords{
        Cue::account,
        "account|account number|acct|acct no|account no|bank account|checking account|savings account|checking|savings|kontonummer|konto|"
        "cuenta|número de cuenta|compte|conto|conta|rekening|rekeningnummer|konta|hesap|口座|계좌"},
    CueWords{Cue::routing, "routing|routing number|aba|aba number|routing no|transit number|rtn|sort code"},
    CueWords{Cue::iban, "iban"},
    CueWords{Cue::swift, "swift|bic|swift code|bic code|swift bic"},
    CueWords{
        Cue::mrn,
        "mrn|medical record|medical record number|medical record no|med rec|record number|patient id|patient number|patient "
        "no|patientid|chart|chart number|hospital number|"
        "urn mrn|patientennummer|patienten id|historia clínica|nhc|dossier|numéro de dossier|cartella clinica|número de utente|fallnummer|"
        "patiëntnummer|numer pacjenta|hasta no|カルテ"},
    CueWords{
        Cue::plan,
        "member id|member number|memberid|policy|policy number|policy no|insurance id|insurance number|insurance|insurance "
        "policy|subscriber id|group number|health plan|plan id|"
        "versichertennummer|krankenkasse|versicherungsnummer|tarjeta sanitaria|carte vitale|tessera sanitaria|beneficiary id|claim number"},
    CueWords{Cue::medicare, "medicare|mbi|medicare beneficiary|medicare number|medicare id"},
    CueWords{Cue::npi, "npi|national provider"},
    CueWords{Cue::dea, "dea|dea number|dea no"},
    CueWords{Cue::born,
             "dob|d o b|date of birth|birth date|birthdate|birthday|born|born on|birth|born in|geb|geboren|geboren "
             "am|geburtsdatum|geburtstag|nacido|nacida|nacimiento|"
             "fecha de nacimiento|f nac|né|née|né le|née le|date de naissance|naissance|nato|nata|nato il|data di "
             "nascita|nascita|nascido|data de nascimento|"
             "nascimento|geboortedatum|urodzony|urodzona|data urodzenia|ur|doğum|doğum tarihi|生年月日|생년월일|تاريخ الميلاد|рождения"},
    CueWords{Cue::nhs, "nhs|nhs number|nhs no"},
    CueWords{Cue::nino, "nino|ni number|national insurance|national insurance number|ni no"},
    CueWords{Cue::aadhaar, "aadhaar|aadhar|uidai|aadhaar number|aadhar number|आधार"},
    CueWords{Cue::in_pan, "pan|pan number|pan card|pan no"},
    CueWords{Cue::es_nif, "dni|nif|nie|documento nacional|número de identidad"},
    CueWords{Cue::fr_nir, "nir|sécurité sociale|numéro de sécurité sociale|sécu|n° sécu|secu"},
    CueWords{Cue::de_steuerid,
             "steuer id|steuerid|steueridentifikationsnummer|steuer identifikationsnummer|idnr|steuerliche identifikationsnummer"},
    CueWords{Cue::it_cf, "codice fiscale|cf"},
    CueWords{Cue::pesel, "pesel"},
    CueWords{Cue::cpf, "cpf"},
    CueWords{Cue::bsn, "bsn|burgerservicenummer|sofinummer"},
    CueWords{Cue::tckn, "tckn|tc kimlik|kimlik|tc|tc no|kimlik no|kimlik numarası|tc kimlik no"},
    CueWords{Cue::nric, "nric|fin|nric no"},
    CueWords{Cue::ca_sin, "sin|social insurance|social insurance number|nas"},
    CueWords{Cue::rrn, "rrn|주민등록번호|주민번호|주민"},
    CueWords{Cue::personnummer, "personnummer|personnr|samordningsnummer"},
    CueWords{Cue::cn_id, "身份证|身份证号|身份证号码|resident identity"},
    CueWords{Cue::tfn, "tfn|tax file number"},
    CueWords{Cue::id_number,
             "national id|national identity|identity number|id number|id no|id card|identity card|national id number|government "
             "id|identification number|voter id|"
             "ausweis|ausweisnummer|personalausweis|cédula|cedula|carte d identité|carta d "
             "identità|dowód|cnp|egn|oib|マイナンバー|個人番号|رقم الهوية"},
    CueWords{Cue::vin, "vin|vin number|chassis|chassis number|vehicle identification|fahrgestellnummer|bastidor"},
    CueWords{Cue::plate,
             "plate|plates|license plate|licence plate|registration plate|number plate|plate "
             "number|kennzeichen|matrícula|immatriculation|targa|kenteken"},
    CueWords{Cue::device, "imei|imei number|device|device id|deviceid|serial number|meid"},
    CueWords{Cue::email, "email|e mail|mail|correo|courriel|posta|e posta"},
    CueWords{Cue::address,
             "located at|is located at|sent to|office is at|meet you at|meet me at|moved to|return to|lives on|address|addr|home "
             "address|shipping address|billing address|mailing address|delivered to|ship to|lives at|live at|living at|resides at|residing "
             "at|adresse|anschrift|dirección|direccion|domicilio|"
             "indirizzo|endereço|morada|adres|wohnhaft|wohnt|habite|j habite|vivo en|vive en|住所|주소|العنوان|адрес"},
    CueWords{Cue::zip, "zip|zip code|zipcode|postcode|postal code|plz|postleitzahl|código postal|code postal|cap|cep|postnummer"},
    CueWords{Cue::name,
             "best|directed by|producer|starring|says|said|maiden name is|speak to|speak with|talk to|everyone calls me|calls "
             "me|name|names|full name|fullname|my name is|name is|i am|i m|this is|called|named|customer|customer name|client|client "
             "name|contact name|contact|"
             "employee|employee name|applicant|beneficiary|recipient|owner|account "
             "holder|cardholder|holder|tenant|buyer|seller|caller|signed|signed by|attn|dear|hi|hello|hey|regards|best regards|"
             "sincerely|kind regards|thanks|cheers|prescriber|physician|surgeon|nurse|pcp|provider|attending|author|from|to|cc|spoke "
             "with|spoke to|met with|meeting with|ask|ask for|email|contact|"
             "employee|manager|supervisor|candidate|student|witness|plaintiff|defendant|victim|suspect|spouse|husband|wife|son|daughter|"
             "mother|father|sister|brother|"
             "vorname|nachname|ich bin|ich heiße|mein name ist|heißt|kunde|kundin|mitarbeiter|grüße|liebe|lieber|hallo|rückruf an|"
             "nombre|apellido|apellidos|me llamo|mi nombre es|soy|cliente|señor|estimado|estimada|hola|firmado|"
             "nom|prénom|je m appelle|je suis|client|cliente|bonjour|cher|chère|salutations|"
             "nome|cognome|mi chiamo|sono|ciao|gentile|caro|cara|meu nome é|chamo me|chamo|sou|olá|prezado|"
             "naam|mijn naam is|ik ben|ik heet|beste|geachte|imię|nazwisko|nazywam się|jestem|klient|pan|pani|"
             "ad|soyad|adı|adım|benim adım|müşteri|isim|namn|heter|jag heter|nimi|nimeni|navn|jeg heter|first name|last name|surname|given "
             "name|firstname|lastname|family name"},
    CueWords{Cue::title,
             "mr|mrs|ms|miss|mx|dr|prof|professor|doctor|sir|madam|rev|judge|officer|nurse|herr|frau|fräulein|sr|sra|srta|señor|señora|"
             "señorita|don|doña|"
             "m|mme|mlle|monsieur|madame|mademoiselle|maître|sig|sig "
             "ra|signor|signora|signore|dott|dottoressa|senhor|senhora|dhr|mevr|mevrouw|meneer|bay|bayan|sayın"},
    CueWords{Cue::patient,
             "patient|patients|patientin|paciente|pazienta|paziente|pacjent|pacjentka|patiënt|hasta|患者|환자|المريض|пациент|pt|inpatient|"
             "outpatient|admitted|discharge|diagnosis|diagnosed|"
             "dx|diagnose|diagnóstico|diagnostic|prescribed|biopsy|clinic|hospital"},
    CueWords{Cue::user,
             "user|username|user name|userid|user id|login|login is|logged in as|benutzer|benutzername|usuario|utilisateur|utente"},
    CueWords{Cue::password,
             "password|passwords|passwd|pwd|pass|passphrase|passcode|pin|pin code|passwort|kennwort|contraseña|contrasena|clave|mot de "
             "passe|mdp|senha|palavra passe|"
             "wachtwoord|hasło|haslo|şifre|parola|lösenord|salasana|пароль|パスワード|비밀번호|كلمة المرور|密码|db password|userpassword"},
    CueWords{Cue::secret,
             "secret|secrets|secret key|secretkey|client secret|clientsecret|token|access token|accesstoken|auth token|authtoken|refresh "
             "token|bearer|bearer token|api key|apikey|api secret|api token|access key|accesskey|"
             "private key|privatekey|signing key|encryption key|master key|auth|authorization|credential|credentials|session key|webhook "
             "secret|shared secret|app secret|consumer secret|consumer key|"
             "account key|accountkey|connection string|hmac|salt|x api key|secret access key|aws secret access key|jwt "
             "secret|cookie|session id|sessionid|sas token|auth key|deploy key|license key|licence key"},
    CueWords{
        Cue::health,
        "diabetes|diabetic|diabetes mellitus|type 2 diabetes|type 1 diabetes|hypertension|hiv|hiv infection|aids|cancer|breast cancer|lung "
        "cancer|prostate cancer|colon cancer|leukemia|leukaemia|lymphoma|melanoma|tumor|tumour|carcinoma|metastatic|"
        "asthma|copd|epilepsy|seizure|stroke|depression|major depressive|bipolar|bipolar disorder|schizophrenia|anxiety "
        "disorder|ptsd|adhd|autism|dementia|alzheimer|alzheimer s|parkinson|parkinson s|multiple sclerosis|"
        "hepatitis|hepatitis b|hepatitis c|chronic hepatitis b|cirrhosis|crohn|crohn s disease|ulcerative colitis|celiac|lupus|rheumatoid "
        "arthritis|arthritis|osteoporosis|gout|psoriasis|anemia|anaemia|sickle cell|hemophilia|"
        "atrial fibrillation|heart failure|myocardial infarction|heart attack|angina|coronary artery "
        "disease|arrhythmia|pneumonia|tuberculosis|covid|covid "
        "19|syphilis|gonorrhea|chlamydia|herpes|pregnancy|pregnant|miscarriage|abortion|"
        "kidney failure|kidney disease|chronic kidney disease|dialysis|transplant|chemotherapy|radiotherapy|overdose|addiction|substance "
        "use|alcoholism|opioid use|suicidal|suicide|self harm|obesity|anorexia|bulimia|migraine|glaucoma|"
        "metformin|insulin|insulin "
        "glargine|lisinopril|atorvastatin|simvastatin|levothyroxine|amlodipine|metoprolol|omeprazole|losartan|albuterol|gabapentin|"
        "hydrochlorothiazide|sertraline|fluoxetine|citalopram|escitalopram|bupropion|"
        "trazodone|quetiapine|olanzapine|risperidone|lithium|lamotrigine|levetiracetam|clonazepam|alprazolam|lorazepam|diazepam|oxycodone|"
        "hydrocodone|morphine|fentanyl|methadone|buprenorphine|naloxone|warfarin|apixaban|rivaroxaban|"
        "prednisone|tamoxifen|methotrexate|adalimumab|bictegravir|dolutegravir|tenofovir|prep|azithromycin|amoxicillin|ciprofloxacin|"
        "hipertensión|hipertension|cáncer|depresión|hypertonie|krebs|asthme|cancer du "
        "sein|epilepsie|depressie|cukrzyca|nadciśnienie|diabete|ipertensione|diyabet"},
    CueWords{Cue::street,
             "street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|terrace|ter|circle|cir|highway|hwy|parkway|"
             "pkwy|square|sq|trail|trl|way|loop|alley|crescent|close|row|gardens|grove|mews|broadway"},
    CueWords{Cue::geo, "lat|latitude|lng|lon|longitude|gps|coordinates|coords|location|geo|pos|position"},
    CueWords{Cue::other_number,
             "order|orders|order number|order no|invoice|inv|ticket|tracking|tracking number|isbn|issn|doi|ean|upc|sku|gtin|part|part "
             "number|batch|lot|po|case|issue|commit|build|version|epoch|timestamp|ts|ms|seed|port|"
             "bytes|request|request id|requestid|trace|trace "
             "id|span|uuid|guid|hash|sha|md5|checksum|bestellung|rechnung|bestellnummer|pedido|factura|commande|facture|ordine|fattura|"
             "serial|error|code|allocated|freed|peak|"
             "cas|revenue|total|amount|qty|quantity|count|price|transaction|txn|reference|ref|id"},
    CueWords{Cue::marking_confidential,
             "confidential|strictly confidential|company confidential|internal use only|internal only|do not distribute|not for "
             "distribution|proprietary and confidential|streng vertraulich|vertraulich|confidentiel|confidencial|riservato|"
             "company restricted|restricted distribution|trade secret"},
    CueWords{Cue::marking_legal,
             "attorney client privileged|privileged and confidential|privileged confidential|attorney work product|work product "
             "doctrine|legal privilege|legally privileged|solicitor client privilege|anwaltsgeheimnis"},
    CueWords{Cue::marking_export,
             "itar controlled|itar|export controlled|ear controlled|ear99|usml|eccn|cui|noforn|controlled unclassified "
             "information|distribution statement|22 cfr 120|export controlled information"},
    CueWords{Cue::marking_secret,
             "top secret|secret noforn|nato secret|nato restricted|verschlusssache|classified secret|secret defense|ts sci"}};

}  // namespace

std::span<const CueWords> cue_words() noexcept { return words; }

const Lexicon& Lexicon::get() {
  static const Lexicon made;
  return made;
}

Lexicon::Lexicon() {
  std::map<std::string_view, Entry> entries;
  std::map<std::string_view, std::vector<Phrase>> phrases;
  for (const CueWords& row : words)
    for (const std::string_view phrase : split(row.words, '|')) {
      std::vector<std::string_view> parts = split(phrase, ' ');
      Entry& entry = entries[parts.front()];
      if (parts.size() == 1) {
        entry.cues |= bit(row.cue);
        continue;
      }
      phrases[parts.front()].push_back({bit(row.cue), {parts.begin() + 1, parts.end()}});
    }
  for (const bool given : {true, false})
    for (const std::string_view line : split(given ? data::given_names_txt : data::family_names_txt, '\n')) {
      if (line.empty() || line.front() == '#') continue;
      Entry& entry = entries[line];
      (given ? entry.given : entry.family) = true;
    }
  for (auto& [word, list] : phrases) {
    Entry& entry = entries[word];
    // The longest first: it says most.
    std::ranges::sort(list, std::greater{}, [](const Phrase& p) { return p.rest.size(); });
    entry.phrases = static_cast<std::uint32_t>(phrases_.size());
    entry.phrase_count = static_cast<std::uint32_t>(list.size());
    phrases_.insert(phrases_.end(), list.begin(), list.end());
  }
  slots_.resize(std::bit_ceil(entries.size() * 2));
  for (auto& [word, entry] : entries) {
    entry.word = word;
    entry.hash = hash_of(word);
    std::size_t at = entry.hash & (slots_.size() - 1);
    while (!slots_[at].word.empty()) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = entry;
  }
}

const Lexicon::Entry* Lexicon::find(std::string_view word, std::uint64_t hash) const noexcept {
  for (std::size_t at = hash & (slots_.size() - 1); !slots_[at].word.empty(); at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].hash == hash && slots_[at].word == word) return &slots_[at];
  return nullptr;
}

}  // namespace ajar::detect
