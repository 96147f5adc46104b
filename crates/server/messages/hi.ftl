# सर्वर के संदेश, हिंदी में। कुंजियाँ en.ftl जैसी ही हैं।

problem-malformed = अनुरोध पढ़ा नहीं जा सका। { $detail }
    .title = समझ नहीं आया
problem-invalid-field = { $field }: { $reason }
    .title = यह मान मान्य नहीं है
problem-no-such-route = इस पते पर कुछ नहीं है। /api/docs में पूरी सूची है।
    .title = ऐसा कोई पता नहीं
problem-method-not-allowed = यह पता इस विधि को स्वीकार नहीं करता। /api/docs देखें।
    .title = विधि मान्य नहीं
problem-unsupported-media-type = अनुरोध application/json के रूप में भेजें।
    .title = प्रारूप मान्य नहीं
problem-body-too-large = अनुरोध सीमा से बड़ा है।
    .title = बहुत बड़ा
problem-idempotency-key-required = Idempotency-Key शीर्षक भेजें: 1 से 255 अक्षर, हर बुकिंग या भुगतान के लिए नया।
    .title = Idempotency-Key चाहिए
problem-idempotency-key-reused = यह Idempotency-Key किसी दूसरे अनुरोध के साथ उपयोग हो चुकी है। नए अनुरोध के लिए नई कुंजी लें।
    .title = Idempotency-Key पहले उपयोग हुई
problem-request-in-progress = इस Idempotency-Key का पहला अनुरोध अभी चल रहा है। थोड़ी देर में फिर कोशिश करें।
    .title = प्रगति पर
problem-unauthenticated = लॉग इन करें और एक्सेस टोकन Authorization: Bearer में भेजें।
    .title = साइन इन नहीं
problem-wrong-credentials = ई-मेल पता या पासवर्ड ग़लत है।
    .title = ग़लत ई-मेल या पासवर्ड
problem-forbidden = आपके खाते को इसकी अनुमति नहीं है।
    .title = अनुमति नहीं
problem-cross-site = आपका ब्राउज़र कहता है कि यह अनुरोध किसी और साइट से आया है, इसलिए कुकी नहीं मानी गई। हमारे अपने पृष्ठ से या एक्सेस टोकन के साथ अनुरोध करें।
    .title = दूसरी साइट का अनुरोध
problem-insufficient-scope = इसके लिए प्रोग्राम को { $scope } अनुमति चाहिए। इसे उपयोगकर्ता या व्यवस्थापक से माँगें।
    .title = प्रोग्राम को अनुमति नहीं
problem-webhook-disabled-by-staff = एयरलाइन ने यह वेबहुक बंद रखा है। कारण उसके कर्मचारियों से पूछिए।
    .title = एयरलाइन ने बंद रखा
problem-not-told-any-more = प्रोग्राम को अब यह नहीं बताया जा सकता: उपयोगकर्ता ने अनुमति वापस ले ली, या प्रोग्राम की अनुमतियाँ बदल गईं।
    .title = अब नहीं बताया जाता
problem-programs-only = यह केवल अपने नाम से काम करने वाला प्रोग्राम कर सकता है: जिसे व्यवस्थापक ने किसी खाते के लिए काम करने दिया हो (acts_for), client_credentials के टोकन के साथ।
    .title = केवल प्रोग्रामों के लिए
problem-owner-only = यह केवल खाते का स्वामी हमारे अपने ऐप में साइन इन करके कर सकता है; कोई प्रोग्राम नहीं।
    .title = केवल स्वामी के लिए
problem-last-administrator = यही एकमात्र व्यवस्थापक है जो साइन इन कर सकता है। पहले किसी और को व्यवस्थापक बनाइए।
    .title = अंतिम व्यवस्थापक
problem-own-account = कोई अपनी भूमिका नहीं बदलता और न ही स्वयं को निष्क्रिय करता है; दूसरा व्यवस्थापक यह कर सकता है।
    .title = यह आपका अपना खाता है
problem-wrong-proof = इससे यह सिद्ध नहीं होता: पासवर्ड, कोड या पासकी ग़लत है, या कोड पहले इस्तेमाल हो चुका है।
    .title = सिद्ध नहीं हुआ
problem-invalid-token = यह लिंक काम आ चुका है, बहुत पुराना है, या अधूरा है। नई डाक मँगाएँ।
    .title = लिंक काम नहीं करता
problem-common-password = यह पासवर्ड उनमें से है जो सबसे पहले आज़माए जाते हैं। दूसरा लें: कुछ बेमेल शब्द याद रखने में आसान हैं।
    .title = आम पासवर्ड
problem-personal-password = इस पासवर्ड में आपका नाम, आपका पता या हमारा नाम है। दूसरा लें।
    .title = अनुमान लगाने लायक पासवर्ड
problem-too-many-guesses = बहुत सारे ग़लत प्रयास। { $seconds } सेकंड बाद फिर कोशिश करें, या नया पासवर्ड बनाएँ।
    .title = बहुत सारे प्रयास
problem-administrator-exists = व्यवस्थापक पहले से है, वही भूमिकाएँ देता है।
    .title = व्यवस्थापक है
problem-no-such-record = इस कोड और इस नाम की कोई बुकिंग नहीं है। दोनों जाँचें; नाम किसी यात्री का होना चाहिए।
    .title = ऐसी बुकिंग नहीं
problem-wrong-code = यह डाक वाला कोड नहीं है, या वह पुराना हो गया, या बहुत बार आज़माया गया। दूसरा मँगाएँ।
    .title = ग़लत कोड
problem-one-booking-only = यह पास एक ही बुकिंग के लिए है। बाक़ी के लिए लॉग इन करें।
    .title = केवल एक बुकिंग के लिए
problem-bookings-ahead = { $count } यात्राएँ बाक़ी हैं। पहले उन्हें पूरा या रद्द करें; तब खाता हटाया जा सकता है।
    .title = यात्राएँ बाक़ी हैं
problem-notification-owed = { $kind } की सूचना यात्रा करने वाले को हर हाल में डाक से जाती है: उसे बताना अनिवार्य है।
    .title = यह डाक अनिवार्य है
problem-staff-account = यह एयरलाइन के कर्मचारी का खाता है। इसे व्यवस्थापक बंद करता है।
    .title = कर्मचारी का खाता
problem-client-has-no-secret = उपयोगकर्ताओं के उपकरणों पर चलने वाला प्रोग्राम कोई गुप्त कुंजी नहीं रखता, इसलिए बदलने को कुछ नहीं है।
    .title = इसकी कोई गुप्त कुंजी नहीं
problem-second-factor-required = इसके लिए आपका दूसरा प्रमाण चाहिए। यदि नहीं है, तो अपने खाते में जोड़ें, फिर उससे लॉग इन करें।
    .title = दूसरा प्रमाण चाहिए
problem-second-factor-refused = दूसरा प्रमाण सही नहीं है, पहले इस्तेमाल हो चुका है, या लॉग इन में बहुत समय लगा। फिर से कोशिश करें, या पासवर्ड से शुरू करें।
    .title = दूसरा प्रमाण अस्वीकृत
problem-passkey-refused = यह पासकी यहाँ कोई खाता नहीं खोलती, या बहुत समय लगा। फिर से कोशिश करें, या पासवर्ड से लॉग इन करें।
    .title = पासकी अस्वीकृत
problem-sign-in-over = यह साइन-इन समाप्त हो चुका है: वह इस्तेमाल हो चुका, दस मिनट से अधिक लगे, या दूसरे ब्राउज़र में शुरू हुआ था। फिर से शुरू करें।
    .title = फिर से शुरू करें
problem-provider-unavailable = { $provider } अभी उत्तर नहीं दे रहा। फिर कोशिश करें, या किसी और तरीक़े से लॉग इन करें।
    .title = प्रदाता उत्तर नहीं दे रहा
problem-provider-not-believed = { $provider } के उत्तर से सिद्ध नहीं होता कि आप कौन हैं। फिर से शुरू करें; यदि ऐसा ही रहे तो हमें बताएँ।
    .title = साइन-इन स्वीकार नहीं
problem-provider-refused = { $provider } ने आपको साइन इन नहीं किया, या आपने अनुमति नहीं दी। फिर कोशिश करें, या किसी और तरीक़े से लॉग इन करें।
    .title = साइन-इन नहीं हुआ
problem-provider-without-address = { $provider } आपके किसी ई-मेल पते की पुष्टि नहीं करता। वहाँ अपने पते की पुष्टि करें, या पासवर्ड से लॉग इन करके { $provider } को अपने खाते से जोड़ें।
    .title = पुष्ट पता नहीं
problem-provider-linked = आपका खाता { $provider } की दूसरी पहचान से जुड़ा है। उसी से साइन इन करें, या पहले उसे हटाएँ।
    .title = दूसरी पहचान से जुड़ा
problem-identity-linked = { $provider } की यह पहचान पहले से दूसरा खाता खोलती है। उससे साइन इन करके पहले वहाँ हटाएँ।
    .title = दूसरा खाता खोलती है
problem-address-unconfirmed = इस खाते के पते की पुष्टि कभी नहीं हुई। डाक में भेजा लिंक खोलें, या डाक से नया पासवर्ड बनाएँ, और फिर कोशिश करें।
    .title = पता पुष्ट नहीं
problem-account-disabled = एयरलाइन ने यह खाता बंद कर दिया है। इसके बारे में एयरलाइन को लिखें।
    .title = खाता बंद
problem-last-way-in = साइन इन करने का और कोई तरीक़ा नहीं बचेगा। पहले डाक से पासवर्ड बनाएँ ("पासवर्ड भूल गए"), या कोई और प्रदाता जोड़ें।
    .title = साइन इन का अंतिम तरीक़ा
problem-passkeys-need-a-domain = पासकी के लिए नाम वाला पता चाहिए, और यह सेवा संख्या वाले पते पर है। इसके बदले ऐप का कोड इस्तेमाल करें।
    .title = यहाँ पासकी नहीं
problem-no-second-factor = आपके खाते में दूसरा प्रमाण नहीं है, इसलिए रिकवरी कोड नहीं चाहिए। पहले एक जोड़ें।
    .title = दूसरा प्रमाण नहीं है
problem-last-second-factor = कर्मचारियों के खातों में एक दूसरा प्रमाण रहता है। इसे हटाने से पहले एक और जोड़ें।
    .title = अंतिम दूसरा प्रमाण
problem-too-many-second-factors = एक खाते में अधिकतम दस दूसरे प्रमाण हो सकते हैं। पहले एक हटाएँ।
    .title = बहुत अधिक दूसरे प्रमाण
problem-step-up-required = आपने कुछ समय से अपनी पहचान सिद्ध नहीं की है। फिर से करें (POST /me/proof), फिर अनुरोध दोहराएँ।
    .title = पहचान सिद्ध करें
problem-session-over = यह सत्र समाप्त हो गया है। फिर से लॉग इन करें।
    .title = सत्र समाप्त
problem-not-found = ऐसा कुछ नहीं है, या यह आपका नहीं है।
    .title = नहीं मिला
problem-email-taken = इस ई-मेल पते से खाता पहले से है। लॉग इन करें।
    .title = खाता मौजूद है
problem-too-many-requests = बहुत सारे अनुरोध। { $seconds } सेकंड बाद फिर कोशिश करें।
    .title = बहुत सारे अनुरोध
problem-websocket-required = यह पता WebSocket का है: Upgrade: websocket के साथ माँगें (docs/live.md)।
    .title = WebSocket नहीं
problem-too-many-sockets = आपके खाते के जितने सॉकेट हो सकते हैं, उतने खुले हैं। पहले एक बंद करें।
    .title = बहुत अधिक सॉकेट
problem-too-many-topics = एक सॉकेट इतने ही विषय सुन सकता है। पहले एक छोड़ें।
    .title = बहुत अधिक विषय
problem-busy = सेवा व्यस्त है। थोड़ी देर में फिर कोशिश करें।
    .title = व्यस्त
problem-gateway-unavailable = अभी भुगतान नहीं लिया जा सकता। कुछ भी नहीं काटा गया और आपकी सीटें अब भी रोकी हुई हैं। थोड़ी देर में फिर कोशिश करें।
    .title = भुगतान उपलब्ध नहीं
problem-timed-out = इसमें बहुत समय लगा और शायद यह पूरा नहीं हुआ। फिर कोशिश करने से पहले देख लें; Idempotency-Key वाला अनुरोध दोहराया जा सकता है।
    .title = समय समाप्त
problem-search-not-ready = समय-सारणी अभी लोड हो रही है। थोड़ी देर में फिर कोशिश करें।
    .title = तैयार नहीं
problem-internal = हमारी ओर कुछ गड़बड़ हुई। सहायता के लिए request_id बताएँ।
    .title = आंतरिक त्रुटि
problem-unknown-airport = { $airport } हमारे ज्ञात हवाई अड्डों में नहीं है। GET /airports?q= से कोड खोजें।
    .title = अज्ञात हवाई अड्डा
problem-same-airport = प्रस्थान और गंतव्य एक ही हवाई अड्डा हैं। दो अलग चुनें।
    .title = एक ही हवाई अड्डा
problem-date-past = तारीख़ बीत चुकी है। { $today } या बाद की तारीख़ चुनें।
    .title = बीती तारीख़
problem-date-beyond-horizon = उड़ानें { $last } तक बिक्री पर हैं। उस तक की तारीख़ चुनें।
    .title = अभी बिक्री पर नहीं
problem-no-adult = कम से कम एक वयस्क यात्री होना चाहिए।
    .title = कोई वयस्क नहीं
problem-too-many-seats = एक बुकिंग में सीट वाले अधिकतम नौ यात्री हो सकते हैं। दो बुकिंग करें।
    .title = बहुत अधिक यात्री
problem-too-many-infants = हर शिशु के लिए एक वयस्क चाहिए: शिशु वयस्कों से अधिक नहीं हो सकते। बाक़ी के लिए बच्चे की सीट लें।
    .title = बहुत अधिक शिशु
problem-flight-exists = यह उड़ान संख्या उस तारीख़ को वहाँ से पहले से है। उसी उड़ान को बदलें।
    .title = उड़ान मौजूद है
problem-flight-sold = इस उड़ान की सीटें रखी या बेची जा चुकी हैं, इसलिए इसे हटाया नहीं जा सकता। इसकी स्थिति cancelled करें।
    .title = उड़ान बिक चुकी है
problem-flight-without-cabins = उड़ान में कोई केबिन नहीं है। cabins में कम से कम एक दें।
    .title = कोई केबिन नहीं
problem-capacity-below-sold = इस केबिन की { $sold } सीटें ली जा चुकी हैं; क्षमता इससे कम नहीं हो सकती।
    .title = क्षमता बिकी सीटों से कम
problem-offer-unknown = यह हमारा ऑफ़र नहीं है। खोजें और उत्तर से offer_id लें।
    .title = अज्ञात ऑफ़र
problem-offer-expired = ऑफ़र की अवधि समाप्त हो गई। नए ऑफ़र के लिए फिर खोजें।
    .title = ऑफ़र समाप्त
problem-party-mismatch = ऑफ़र { $offered } के लिए है। ठीक इतने ही यात्री दें, या दूसरे समूह के लिए खोजें।
    .title = दूसरा समूह
problem-sold-out = इस समूह के लिए पर्याप्त सीटें नहीं बचीं। दूसरी उड़ानें खोजें।
    .title = बिक चुका
problem-price-changed = मूल्य अब { $new } है; पहले { $old } था। नया ऑफ़र offer_id में है।
    .title = मूल्य बदला
problem-amount-too-small = { $due } देय होंगे। इतनी कम राशि नहीं ली जा सकती, और यह माफ़ भी नहीं की जा सकती: इस बुकिंग पर पहले ही इतना माफ़ किया जा चुका है, या नए किराए इससे कम हैं। एक बार में अधिक चुनें, या दूसरी उड़ानें चुनें।
    .title = राशि बहुत कम है
problem-connection-changed = इस ऑफ़र का एक कनेक्शन अब बहुत छोटा है: किसी उड़ान का समय बदल गया है, या विमान बदलने में अब अधिक समय लगता है। फिर खोजें।
    .title = कनेक्शन बदला
problem-hold-expired = बुकिंग का भुगतान समय पर नहीं हुआ और सीटें फिर बिक्री पर हैं। फिर खोजें।
    .title = होल्ड समाप्त
problem-already-paid = बुकिंग का भुगतान हो चुका है।
    .title = भुगतान हो चुका
problem-payment-in-progress = इस बुकिंग का एक भुगतान चल रहा है। उसके परिणाम की प्रतीक्षा करें।
    .title = भुगतान प्रगति पर
problem-flight-cancelled = एयरलाइन ने इस बुकिंग की एक उड़ान रद्द कर दी है, इसलिए भुगतान नहीं हो सकता। बुकिंग रद्द करें और दूसरी उड़ान खोजें।
    .title = उड़ान रद्द
problem-booking-closed = बुकिंग { $status } है; अब कुछ बदला नहीं जा सकता।
    .title = बुकिंग बंद
problem-already-departed = बुकिंग में जो बचा है वह प्रस्थान कर चुका है, इसलिए यहाँ कुछ लौटाया नहीं जा सकता।
    .title = प्रस्थान हो चुका
problem-too-many-holds = आपकी { $most } बिना भुगतान की बुकिंग पहले से हैं। पहले उनमें से किसी का भुगतान करें या रद्द करें।
    .title = बिना भुगतान की बहुत अधिक बुकिंग
problem-already-extended = समय सीमा एक बार बढ़ाई जा चुकी है और फिर नहीं बढ़ सकती। समय पर भुगतान करें या रद्द करें।
    .title = समय पहले ही बढ़ाया गया
problem-quote-outdated = यह कोटेशन पुराना है या बुकिंग तब से बदल गई है। नया कोटेशन लें।
    .title = कोटेशन पुराना
problem-refund-not-failed = यह रिफ़ंड विफल नहीं हुआ: इसकी स्थिति { $status } है। केवल वही रिफ़ंड फिर भेजा या दूसरी तरह चुकाया जा सकता है जिसे गेटवे ने ठुकराया हो।
    .title = रिफ़ंड विफल नहीं हुआ
problem-too-many-expired-holds = आपकी कई बुकिंग बिना भुगतान के समाप्त हो गईं। फिर से सीट रोकने से पहले { $minutes } मिनट रुकें, और तब समय पर भुगतान करें।
    .title = बहुत-सी बुकिंग बिना भुगतान के
problem-too-many-given-up-holds = आपने कई बार सीटें रोककर छोड़ दीं। फिर से सीट रोकने से पहले { $minutes } मिनट रुकें।
    .title = बहुत-सी बुकिंग छोड़ी गईं
problem-too-many-declines = आपके कई भुगतान अस्वीकार हुए। फिर कोशिश करने से पहले { $minutes } मिनट रुकें, और इस बीच अपने बैंक से पूछें।
    .title = बहुत-से भुगतान अस्वीकार
problem-nothing-to-approve = किसी ने नहीं बताया है कि यह रिफ़ंड कैसे चुकाया गया, इसलिए स्वीकृति के लिए कुछ नहीं है। आप बताएँ; स्वीकृति कोई और देगा।
    .title = स्वीकृति के लिए कुछ नहीं
problem-second-person-needed = यह रिफ़ंड कैसे चुकाया गया, यह आपने बताया है, इसलिए स्वीकृति किसी और को देनी होगी।
    .title = दूसरे व्यक्ति की ज़रूरत है
problem-pass-not-ours = यह हमारा बोर्डिंग पास नहीं है, या इसे बदला गया है। फिर से स्कैन करें, या यात्री को सूची में देखें।
    .title = हमारा बोर्डिंग पास नहीं
problem-pass-of-another-flight = यह बोर्डिंग पास दूसरी उड़ान का है: { $is_for }।
    .title = दूसरी उड़ान का पास
problem-pass-replaced = इसकी जगह नया बोर्डिंग पास जारी हुआ है। सबसे नया दिखाने को कहें।
    .title = पास बदल गया है
problem-no-such-pass = इस लिंक से कोई बोर्डिंग पास नहीं खुलता: उड़ान पहुँच चुकी है, यात्री का चेक-इन नहीं है, या लिंक अधूरा है।
    .title = ऐसा कोई बोर्डिंग पास नहीं
problem-no-boarding-pass = चेक-इन से पहले कोई बोर्डिंग पास नहीं होता।
    .title = अभी बोर्डिंग पास नहीं
problem-pass-ended = यह यात्री अब चेक-इन नहीं है। उन्हें काउंटर पर भेजें।
    .title = पास समाप्त
problem-already-boarded = इस पास से कोई सवार हो चुका है: { $at } पर, रीडर { $device } पर।
    .title = पहले ही सवार
problem-boarding-not-open = बोर्डिंग { $boarding_at } पर शुरू होती है, या जब कर्मचारी इसकी घोषणा करें।
    .title = बोर्डिंग शुरू नहीं हुई
problem-boarding-closed = इस उड़ान की बोर्डिंग बंद हो चुकी है।
    .title = बोर्डिंग बंद
problem-boarding-undone = यह स्कैन वापस लिया जा चुका है: यात्री विमान में नहीं है। उन्हें सवार करने के लिए पास फिर से स्कैन करें।
    .title = बोर्डिंग वापस ली गई
problem-adult-first = शिशु उस वयस्क के बाद सवार होता है जिसकी गोद में वह है। पहले उनका पास स्कैन करें।
    .title = पहले वयस्क
problem-has-boarded = आपके बताए यात्रियों में से कोई सवार हो चुका है। पहले गेट पर बोर्डिंग वापस लें।
    .title = सवार हो चुके हैं
problem-children-alone = एक बच्चा सवार है और उसकी बुकिंग का कोई वयस्क नहीं। किसी वयस्क को सवार करें या बच्चे को उतारें, फिर बंद करें।
    .title = बच्चे अकेले सवार
problem-own-booking = यह पैसा आपको ही वापस जाता है, इसलिए इसका चुकाया जाना और उसकी स्वीकृति किसी और को बतानी होगी।
    .title = आपकी अपनी बुकिंग
problem-proposal-changed = आपके देखने के बाद इस रिफ़ंड के बारे में कुछ और बताया गया है। फिर से देखें, फिर जो अब लिखा है उसे स्वीकृत करें।
    .title = बताई गई बात बदल गई है
problem-refund-replaced = इसकी जगह दूसरा रिफ़ंड, { $by }, भेजा गया है। उसे देखें।
    .title = रिफ़ंड बदला गया
problem-order-open = इस बुकिंग के लिए कुछ और मँगाया गया है जिसका भुगतान बाक़ी है। पहले उसका भुगतान करें या उसे छोड़ दें।
    .title = ऑर्डर खुला है
problem-not-confirmed = बुकिंग का भुगतान अभी नहीं हुआ, इसलिए उड़ानें बदली नहीं जा सकतीं। भुगतान करें, या रद्द करके दूसरी उड़ानें बुक करें।
    .title = पुष्टि नहीं हुई
problem-not-changeable = किराया श्रेणी { $family } के टिकट बदले नहीं जा सकते।
    .title = बदला नहीं जा सकता
problem-adult-must-stay = बच्चे और शिशु अकेले नहीं उड़ते, और हर शिशु को एक वयस्क की गोद चाहिए: उनके साथ एक वयस्क रखें या उनके टिकट भी लौटाएँ।
    .title = एक वयस्क का रहना ज़रूरी
problem-card-number-refused = कार्ड संख्या यहाँ नहीं ली जाती। संख्या भुगतान गेटवे को दें और हमें टोकन भेजें।
    .title = टोकन भेजें
problem-webhook-url-refused = इस URL पर कुछ नहीं भेजा जाता: { $reason }.
    .title = URL अस्वीकृत
problem-webhook-disabled = यह वेबहुक बंद है। पहले इसे चालू कीजिए।
    .title = वेबहुक बंद
problem-too-many-webhooks = { $most } वेबहुक पहले से हैं। जो नहीं चाहिए उसे हटाइए।
    .title = बहुत अधिक वेबहुक
problem-webhook-refused = इस पर भुगतान गेटवे के हस्ताक्षर नहीं हैं, या वे पिछले पाँच मिनट के नहीं हैं।
    .title = वेबहुक अस्वीकृत
problem-payment-method-not-ready = यह भुगतान विधि अभी तैयार नहीं है: इसे स्वीकृत करें, या फिर से जोड़ें।
    .title = भुगतान विधि तैयार नहीं
problem-too-many-travellers = आप { $most } यात्री सहेज चुके हैं, इससे अधिक नहीं हो सकते। पहले एक हटाएँ।
    .title = बहुत अधिक यात्री
problem-too-many-browsers = आपके { $most } ब्राउज़रों पर सूचनाएँ पहले से आती हैं, इससे अधिक नहीं हो सकते। पहले एक हटाएँ।
    .title = बहुत अधिक ब्राउज़र
problem-push-service-unknown = इस ब्राउज़र की सूचना सेवा पर हम नहीं भेजते; हम { $services } पर भेजते हैं। कोई और ब्राउज़र लें, या अपना इनबॉक्स पढ़ें।
    .title = अनजान सूचना सेवा
problem-too-many-watches = आप { $most } किरायों पर नज़र रख रहे हैं, इससे अधिक नहीं हो सकते। पहले एक हटाएँ।
    .title = बहुत अधिक निगरानियाँ
problem-watch-over = यह निगरानी समाप्त हो चुकी है: इसकी अंतिम तारीख बीत गई है, या खरीदी गई उड़ान पर अब कोई नहीं जा रहा। नई बनाएँ।
    .title = निगरानी समाप्त
problem-too-many-payment-methods = जितनी भुगतान विधियाँ सहेजी जा सकती हैं, आप सहेज चुके हैं। पहले एक हटाएँ।
    .title = बहुत अधिक भुगतान विधियाँ
problem-seat-taken = सीट { $seat } ली जा चुकी है। दूसरी चुनें।
    .title = सीट ली जा चुकी
problem-seat-not-allowed = { $reason ->
        [no_such_seat] इस उड़ान में आपके केबिन में सीट { $seat } नहीं है। सीट मैप में दिखाई गई सीट चुनें।
        [blocked] सीट { $seat } केवल हवाई अड्डे पर दी जाती है। दूसरी चुनें।
        [chosen_twice] सीट { $seat } दो यात्रियों के लिए चुनी गई है। उनमें से एक के लिए दूसरी चुनें।
        [exit_age] आपातकालीन द्वार के पास पंद्रह वर्ष या उससे बड़े यात्री बैठते हैं। { $seat } की पंक्ति छोड़कर दूसरी सीट चुनें।
        [exit_infant] आपातकालीन द्वार के पास कोई गोद में शिशु लेकर नहीं बैठता। { $seat } की पंक्ति छोड़कर दूसरी सीट चुनें।
        [exit_guardian] बच्चों की देखभाल करने वाला वयस्क आपातकालीन द्वार के पास नहीं बैठता। आप में से एक { $seat } से अलग बैठे।
        [infant_mask] सीट { $seat } पर शिशु के लिए ऑक्सीजन मास्क नहीं है: हर खंड में एक ही होता है, और हर पंक्ति में नहीं। दूसरी पंक्ति या दूसरी ओर चुनें।
        [child_apart] बच्चा बुकिंग के किसी वयस्क के पास बैठता है, और साथ की सीटें उपलब्ध हैं। { $seat } से अलग सीट चुनें, या दोनों की सीटें एक साथ चुनें।
       *[other] सीट { $seat } नहीं चुनी जा सकती। दूसरी चुनें।
    }
    .title = यह सीट नहीं
problem-no-seat-map = इस उड़ान की सीटें चुनी नहीं जा सकतीं; वे चेक-इन पर दी जाती हैं।
    .title = सीट मैप नहीं
problem-extra-sold-out = { $name } एक उड़ान पर बिक चुका है।
    .title = बिक चुका
problem-extra-not-allowed = { $reason ->
        [cabin] यह सुविधा आपके केबिन में नहीं बिकती।
        [passenger] यह सुविधा इस प्रकार के यात्रियों के लिए नहीं है।
        [included] यह आपके किराए में पहले से शामिल है।
       *[other] यह सुविधा नहीं खरीदी जा सकती।
    }
    .title = यह सुविधा नहीं
problem-extras-closed = इस उड़ान की सीटों और अतिरिक्त सुविधाओं की बिक्री समाप्त हो चुकी है।
    .title = बिक्री समाप्त
problem-check-in-not-open = इस उड़ान का चेक-इन { $opens_at } पर खुलेगा।
    .title = चेक-इन अभी नहीं खुला
problem-check-in-closed = इस उड़ान का चेक-इन { $closed_at } पर बंद हो गया।
    .title = चेक-इन बंद है
problem-checked-in = बदली जाने वाली उड़ान में किसी का चेक-इन हो चुका है। पहले चेक-इन वापस लें।
    .title = चेक-इन हो चुका
problem-document-required = यह उड़ान सीमा पार करती है। पहले हर यात्री का पासपोर्ट दें।
    .title = पासपोर्ट ज़रूरी
problem-document-not-valid = { $reason ->
        [expired] पासपोर्ट की अवधि समाप्त हो चुकी होगी। दूसरा दें।
        [expires_soon] पासपोर्ट आगमन के बाद { $months } महीने तक मान्य होना चाहिए। दूसरा दें।
        [born_on_differs] पासपोर्ट की जन्मतिथि यात्री की जन्मतिथि से अलग है। यात्री का अपना पासपोर्ट दें।
       *[other] पासपोर्ट इस उड़ान के लिए मान्य नहीं है। दूसरा दें।
    }
    .title = पासपोर्ट मान्य नहीं
problem-declaration-required = ख़तरनाक सामान के साथ कोई नहीं उड़ता। पुष्टि करें कि आपके पास ऐसा कुछ नहीं है।
    .title = घोषणा ज़रूरी
problem-adult-must-check-in = बच्चे और शिशु बुकिंग के किसी वयस्क के साथ चेक-इन करते हैं। एक वयस्क जोड़ें।
    .title = एक वयस्क का चेक-इन ज़रूरी
problem-no-seat-left = इस उड़ान में देने के लिए कोई सीट नहीं बची। हवाई अड्डे के काउंटर पर आएँ।
    .title = कोई सीट नहीं बची
problem-offloaded = आपको हवाई अड्डे पर इस उड़ान से उतारा गया था। फिर से चेक-इन के लिए काउंटर पर आएँ।
    .title = काउंटर पर चेक-इन करें
problem-review-too-early = उड़ान पूरी करने के बाद ही आप उसकी समीक्षा लिख सकते हैं।
    .title = अभी उड़ान पूरी नहीं हुई
problem-review-not-yours = समीक्षा वही लिख सकते हैं जो उड़ान में थे। इस उड़ान का आपका टिकट लौटाया गया था या उपयोग नहीं हुआ।
    .title = आप इस उड़ान में नहीं थे
problem-review-closed = इसका समय बीत चुका है: { $days } दिन।
    .title = बहुत देर हो गई
problem-review-changed = आपके पढ़ने के बाद लेखक ने समीक्षा बदल दी है। फिर से पढ़कर निर्णय लें।
    .title = समीक्षा बदल गई है
problem-audience-changed = अब { $recipients } खातों को बताया जाना है, जो आपके देखे से अलग है। यदि यह ठीक है, तो इसी संख्या के साथ फिर भेजें।
    .title = अब यह औरों के लिए है
problem-nobody-to-tell = वहाँ कोई यात्रा नहीं कर रहा, इसलिए बताने के लिए कोई नहीं है।
    .title = बताने के लिए कोई नहीं
problem-announcement-withdrawn = यह घोषणा वापस ली जा चुकी है। कुछ बताना हो तो नई घोषणा लिखें।
    .title = घोषणा वापस ली जा चुकी है
problem-announcement-not-sent = यह भेजी ही नहीं गई थी, इसलिए वापस लेने को कुछ नहीं है: मसौदा एक दिन बाद हट जाता है।
    .title = घोषणा भेजी नहीं गई
problem-own-review = यह आपकी अपनी समीक्षा है। आप इसे बदल सकते हैं या वापस ले सकते हैं।
    .title = आपकी अपनी समीक्षा
problem-too-many-open-tickets = आपके { $most } अनुरोध अभी खुले हैं। उनमें से किसी पर लिखें, या बताएँ कि वह हल हो गया।
    .title = बहुत से खुले अनुरोध
problem-ticket-closed = यह अनुरोध बंद हो चुका है। नया अनुरोध खोलें।
    .title = अनुरोध बंद है
problem-file-not-allowed = केवल चित्र (JPEG, PNG, WebP, GIF) और PDF जोड़े जा सकते हैं, और चित्र पढ़ा जा सकना चाहिए।
    .title = दूसरे प्रकार की फ़ाइल
problem-too-many-tickets = आज आप कई बार सहायता माँग चुके हैं। अपने किसी टिकट पर लिखें, या बाद में फिर माँगें।
    .title = बहुत अधिक अनुरोध
problem-too-many-messages = आज आप बहुत से संदेश लिख चुके हैं। हम सभी पढ़ते हैं; बाद में फिर लिखें।
    .title = बहुत अधिक संदेश
problem-too-many-files = आप एक दिन में जितनी फ़ाइलें भेज सकते हैं, उतनी भेज चुके हैं। कल फिर कोशिश करें।
    .title = बहुत सी फ़ाइलें
problem-puzzle-required = मशीनें बहुत सी बुकिंग खोज रही हैं। इस उत्तर के साथ आई पहेली हल करें और हल के साथ फिर पूछें।
    .title = पहले एक पहेली
problem-boarding-started = बोर्डिंग शुरू हो चुकी है, इसलिए चेक-इन यहाँ वापस नहीं लिया जा सकता। गेट के कर्मचारियों को बताएँ।
    .title = बोर्डिंग शुरू हो चुकी
problem-order-unpaid = यह सीट एक ऐसे ऑर्डर में है जिसका भुगतान नहीं हुआ। उसका भुगतान करें, या पहले इसे उस ऑर्डर से हटाएँ।
    .title = ऑर्डर का भुगतान बाकी
problem-extra-exists = इस कोड की एक सुविधा पहले से है। उसे बदलें, या दूसरा कोड चुनें।
    .title = सुविधा पहले से है
problem-promotion-refused = { $reason ->
        [unknown] ऐसा कोई प्रोमो कोड नहीं है। वर्तनी जाँचें।
        [not_started] यह प्रोमो कोड अभी इस्तेमाल नहीं हो सकता।
        [ended] यह ऑफ़र समाप्त हो चुका है।
        [already_applied] यह प्रोमो कोड इस बुकिंग पर पहले से लगा है।
        [not_combinable] ये प्रोमो कोड एक साथ नहीं लगते। पहले दूसरा कोड हटाएँ।
        [not_first_booking] यह प्रोमो कोड केवल पहली बुकिंग के लिए है।
        [route] यह प्रोमो कोड इन मार्गों के लिए नहीं है।
        [cabin] यह प्रोमो कोड इस श्रेणी के लिए नहीं है।
        [fare_family] यह प्रोमो कोड इस किराया श्रेणी के लिए नहीं है।
        [travel_dates] यह प्रोमो कोड यात्रा की इन तारीख़ों के लिए नहीं है।
        [currency] यह प्रोमो कोड इस मुद्रा के किरायों के लिए नहीं है।
        [minimum_spend] किराया प्रोमो कोड की न्यूनतम राशि से कम है।
        [nothing_to_discount] अब कुछ नहीं बचा जिस पर यह प्रोमो कोड छूट दे सके।
        [extra_not_chosen] यह प्रोमो कोड जो अतिरिक्त सेवा देता है, वह बुकिंग में नहीं है। पहले वह सेवा चुनें।
        [first_booking_taken] आपकी एक और बिना भुगतान की बुकिंग पर पहली बुकिंग का प्रोमो कोड लगा है। पहले उसका भुगतान करें या उसे रद्द करें।
        [used_up] इस प्रोमो कोड के सारे उपयोग हो चुके हैं।
        [used_up_by_you] आप यह प्रोमो कोड जितनी बार हो सकता था, इस्तेमाल कर चुके हैं।
       *[other] यह प्रोमो कोड यहाँ नहीं लग सकता।
    }
    .title = प्रोमो कोड अस्वीकृत
problem-promotion-exists = प्रोमो कोड { $code } पहले से दर्ज है। उसे बदलें या दूसरा चुनें।
    .title = ऑफ़र पहले से है
problem-promotion-over = ऑफ़र { $code } समाप्त किया जा चुका है और बदला नहीं जा सकता। दूसरा कोड दर्ज करें।
    .title = ऑफ़र समाप्त
problem-promotion-limit-below-used = इस प्रोमो कोड के { $used } उपयोग हो चुके हैं; सीमा इससे कम नहीं हो सकती।
    .title = सीमा उपयोग से कम

# दस्तावेज़ों के शब्द।
pass-title = बोर्डिंग पास
pass-subject = बुकिंग { $locator } के लिए { $airline } के बोर्डिंग पास
pass-boarding = बोर्डिंग शुरू
pass-gate = गेट
pass-see-screens = स्क्रीन देखें
pass-seat = सीट
pass-on-lap = गोद में
pass-no-seat = कोई भी ख़ाली सीट
pass-sequence = क्रम संख्या
pass-version = संस्करण
pass-code = { $name } का बार कोड, उड़ान { $flight }, सीट { $seat }
pass-note = इलेक्ट्रॉनिक टिकट। समय स्थानीय हैं। बोर्डिंग शुरू होते ही अपने यात्रा दस्तावेज़ के साथ गेट पर पहुँचें। गेट बदल सकता है: स्क्रीन देखें। नया संस्करण जारी होने पर यह मान्य नहीं रहेगा।
pass-wallet-note = कृपया ध्यान दें
pass-wallet-self-test-label = परीक्षण
pass-wallet-self-test = केवल परीक्षण के लिए हस्ताक्षरित। कोई फ़ोन इस पास को स्वीकार नहीं करेगा।
pass-goods = विस्फोटक, गैस, ज्वलनशील द्रव, ज़हर, या चेक-इन बैग में खुली लिथियम बैटरी न ले जाएँ।
paper-itinerary = आपकी यात्रा
paper-itinerary-subject = { $airline } के साथ यात्रा, बुकिंग { $locator }
paper-itinerary-note = समय और गेट बदल सकते हैं: हवाई अड्डे की स्क्रीन देखें। अपना यात्रा दस्तावेज़ साथ लाएँ। यह बोर्डिंग पास नहीं है।
paper-as-of = इस समय की स्थिति
paper-instead-of = { $before } के बजाय { $now }
paper-takes = अवधि
paper-duration = { $hours } घं { $minutes } मि
paper-gate = गेट
paper-seat = सीट { $seat }
paper-seats = सीटें
paper-bags = शामिल सामान
paper-bags-of-cabin = केबिन बैग: { $cabin }; कोई चेक-इन बैग नहीं
paper-bags-of-both = केबिन बैग: { $cabin }; चेक-इन बैग: { $checked }, हर एक { $kilograms } किलो तक
paper-flight-scheduled = समय पर
paper-flight-delayed = देर से
paper-flight-boarding = बोर्डिंग जारी
paper-flight-departed = रवाना
paper-flight-arrived = पहुँच गई
paper-flight-cancelled = रद्द
paper-receipt = रसीद
paper-not-a-receipt = बुकिंग का मूल्य
paper-unpaid = इस बुकिंग के लिए अभी कुछ भुगतान नहीं हुआ है। यह रसीद नहीं है।
paper-subject = बुकिंग { $locator } के लिए { $airline } की रसीद
paper-reference = बुकिंग संदर्भ
paper-foot = { $airline } · { $locator } · जारी { $at }
paper-pages = पृष्ठ { $page } / { $pages }
paper-status = स्थिति
paper-status-held = रोकी गई, भुगतान बाकी
paper-status-confirmed = पक्की
paper-status-completed = यात्रा पूरी
paper-status-expired = समय समाप्त
paper-status-cancelled = रद्द
paper-booked = बुक की गई
paper-issued = जारी
paper-currency = सभी राशियाँ
paper-instant = { $day } { $month } { $year }, { $time } UTC
paper-day = { $day } { $month } { $year }, { $time }
paper-month-1 = जनवरी
paper-month-2 = फ़रवरी
paper-month-3 = मार्च
paper-month-4 = अप्रैल
paper-month-5 = मई
paper-month-6 = जून
paper-month-7 = जुलाई
paper-month-8 = अगस्त
paper-month-9 = सितंबर
paper-month-10 = अक्टूबर
paper-month-11 = नवंबर
paper-month-12 = दिसंबर
paper-passengers = यात्री
paper-passenger = यात्री
paper-type = प्रकार
paper-adult = वयस्क
paper-child = बच्चा
paper-infant = शिशु
paper-ticket = टिकट
paper-emds = सुविधाओं के दस्तावेज़ (EMD)
paper-flights = उड़ानें
paper-flight = उड़ान
paper-route = कहाँ से – कहाँ तक
paper-departs = प्रस्थान
paper-arrives = आगमन
paper-cabin = केबिन
paper-economy = इकोनॉमी
paper-premium-economy = प्रीमियम इकोनॉमी
paper-business = बिज़नेस
paper-first = फ़र्स्ट
paper-times = समय हर हवाई अड्डे का स्थानीय समय है।
paper-price = किराया
paper-fare-of = यात्री
paper-slice = यात्रा { $number } · { $route } · { $family }
paper-base = किराया
paper-discount = छूट
paper-taxes = कर और शुल्क
paper-total = कुल
paper-fares-total = कुल किराया
paper-fares-note = ये बेचे गए किराए हैं; इनमें वे भी हैं जो बाद में बदले या लौटाए गए।
paper-state-refunded = लौटाया गया
paper-state-exchanged = बदला गया
paper-promotions = प्रोमो कोड
paper-promotion = ऑफ़र
paper-waived = इतनी कम राशि नहीं ली जाती
paper-extras = सीटें, सामान और सुविधाएँ
paper-extra = सुविधा
paper-document = दस्तावेज़ (EMD)
paper-amount = राशि
paper-extras-total = कुल सुविधाएँ
paper-account = क्या बेचा और लौटाया गया
paper-movement = लेन-देन
paper-sale = बिक्री
paper-change = बदलाव
paper-cancellation = वापसी
paper-fares = किराया
paper-discounts = छूट
paper-fees = बदलने या रद्द करने का शुल्क
paper-extra-seat = सीटें
paper-extra-baggage = सामान
paper-extra-meal = भोजन
paper-extra-priority = प्राथमिकता
paper-extra-other = अन्य सुविधाएँ
paper-tax = कर या शुल्क { $code }
paper-money = भुगतान और धनवापसी
paper-date = तारीख
paper-method = तरीका
paper-payment = भुगतान
paper-refund = धनवापसी
paper-refund-bounced = लौटा हुआ रिफ़ंड
paper-refund-pending = धनवापसी रास्ते में
paper-refund-by-bank-transfer = बैंक ट्रांसफ़र
paper-refund-by-cheque = चेक
paper-refund-by-cash = नक़द
paper-refund-by-other = एयरलाइन ने भुगतान किया
paper-card = कार्ड
paper-wallet = वॉलेट
paper-bank = बैंक खाता
paper-upi = UPI
paper-summary = सारांश
paper-sold = किराया, कर और सुविधाएँ, छूट और वापसी घटाकर
paper-cost = बुकिंग का मूल्य
paper-paid = भुगतान किया गया
paper-returned = लौटाया गया
paper-returning = लौटने के रास्ते में
paper-owed = अभी देना बाकी

# किराए के किसी हिस्से से इतना ही क्यों लौटता है: कोट में।
refund-airline-cancelled = एयरलाइन ने उड़ान रद्द की: जो उड़ा नहीं गया, वह सब लौटता है।
refund-airline-moved = एयरलाइन ने उड़ान { $minutes } मिनट खिसकाई: जो उड़ा नहीं गया, वह सब लौटता है।
refund-cooling-off = आपने बुकिंग के थोड़ी ही देर बाद मन बदला: सब लौटता है।
refund-fare-rule = यह इस शर्त पर बिका था कि प्रस्थान से { $hours } घंटे पहले तक { $percent } % लौटता है।
refund-carried-over = यह राशि उस टिकट की है जिसे आपने बदला था और जिससे तब { $percent } % लौटता। अब भी इससे अधिक नहीं लौटता।
refund-not-refundable = यह बिना वापसी की शर्त पर बिका था, या इतनी देर से वापसी नहीं है।
refund-unused-tax = जो उड़ानें नहीं उड़ी गईं, उनके कर और शुल्क लौटते हैं।

# वह पृष्ठ जहाँ कोई किसी प्रोग्राम के बारे में निर्णय लेता है
authorize-title = एक प्रोग्राम आपके खाते की अनुमति चाहता है
authorize-trouble = यह नहीं हो सका। फिर से कोशिश करें।
authorize-back = उस प्रोग्राम पर वापस जाएँ जिसने आपको भेजा
authorize-login-title = आगे बढ़ने के लिए लॉग इन करें
authorize-email = ई-मेल पता
authorize-password = पासवर्ड
authorize-login = लॉग इन करें
authorize-factor-title = अब आपका दूसरा प्रमाण
authorize-code = आपके ऑथेंटिकेटर ऐप का कोड, या एक रिकवरी कोड
authorize-go-on = आगे बढ़ें
authorize-passkey = पासकी का उपयोग करें
authorize-with = %s से लॉग इन करें
authorize-asks = आपके Udaan खाते से यह करने की अनुमति चाहता है:
authorize-end-it = आप इसे कभी भी अपने सत्रों की सूची में समाप्त कर सकते हैं।
authorize-allow = अनुमति दें
authorize-deny = अनुमति न दें
authorize-needs-script = इस पृष्ठ को JavaScript चाहिए।
authorize-scope-account-read = आपकी प्रोफ़ाइल और सहेजे गए यात्री देखना
authorize-scope-account-write = आपकी प्रोफ़ाइल और सहेजे गए यात्री बदलना
authorize-scope-bookings-read = आपकी बुकिंग देखना
authorize-scope-bookings-write = आपके लिए बुक करना, बदलना और रद्द करना
authorize-scope-payments-read = आपके भुगतान और सहेजे गए भुगतान साधन देखना
authorize-scope-payments-write = आपके लिए भुगतान करना
authorize-scope-staff-read = एयरलाइन में आपकी भूमिका जो दिखाती है, वह देखना
authorize-scope-staff-write = एयरलाइन में आपकी भूमिका जो करने देती है, वह करना

# डाक
mail-signature = { $airline }। इस डाक के उत्तर कोई नहीं पढ़ता।
mail-verify-address = किसी ने, आशा है आपने ही, इस पते से { $airline } पर खाता बनाया।

    { $hours } घंटों के भीतर लिंक खोलकर बताएँ कि पता आपका है। यदि आपने खाता नहीं बनाया तो कुछ न करें: आपके सिवा कोई सिद्ध नहीं कर सकता कि यह पता उसका है।
    .subject = अपने ई-मेल पते की पुष्टि करें
    .action = पते की पुष्टि करें
mail-account-exists = किसी ने, शायद आपने, इस पते से खाता बनाना चाहा। आपका खाता पहले से है, इसलिए कुछ नहीं बदला गया।

    यदि आप थे तो अपने पासवर्ड से लॉग इन करें, या "पासवर्ड भूल गए" से नया बनाएँ। यदि आप नहीं थे तो कुछ करना नहीं है।
    .subject = आपका खाता पहले से है
    .action = लॉग इन करें
mail-reset-password = किसी ने, आशा है आपने ही, आपके खाते के लिए नया पासवर्ड माँगा।

    { $minutes } मिनटों के भीतर लिंक खोलकर नया पासवर्ड बनाएँ। लिंक एक ही बार काम करता है। यदि आप नहीं थे तो कुछ न करें: आपका पासवर्ड वही रहेगा।
    .subject = नया पासवर्ड बनाएँ
    .action = नया पासवर्ड बनाएँ
mail-password-changed = आपके खाते का पासवर्ड अभी बदला गया, और आप जहाँ-जहाँ लॉग इन थे वहाँ अब नहीं हैं।

    यदि आप नहीं थे तो "पासवर्ड भूल गए" से तुरंत नया पासवर्ड बनाएँ।
    .subject = आपका पासवर्ड बदला गया
    .action = लॉग इन करें
mail-confirm-address = किसी ने, आशा है आपने ही, इस पते को { $airline } के अपने खाते का पता बनाना चाहा।

    { $hours } घंटों के भीतर लिंक खोलकर पुष्टि करें। यदि आप नहीं थे तो कुछ न करें।
    .subject = अपने नए ई-मेल पते की पुष्टि करें
    .action = नए पते की पुष्टि करें
mail-address-changed = आपके खाते का पता बदला गया, और यह पता अब वहाँ काम में नहीं है।

    यदि आप नहीं थे तो { $hours } घंटों के भीतर लिंक खोलें: यही पता फिर से लग जाएगा, सारे सत्र समाप्त होंगे, और आप नया पासवर्ड बना सकेंगे।
    .subject = आपका ई-मेल पता बदला गया
    .action = यह मैं नहीं था
mail-record-code = बुकिंग { $locator } दिखाने का कोड { $code } है। यह { $minutes } मिनट तक और एक ही बार चलता है।

    यदि आपने नहीं माँगा तो कोई और आपका बुकिंग कोड जानता है। इस संख्या के बिना वह केवल उड़ानें देख सकता है। इसे किसी को न दें।
    .subject = बुकिंग { $locator } के लिए आपका कोड
    .action = बुकिंग खोलें
mail-provider-linked = अब से { $airline } पर आपका खाता { $provider } से भी खुल सकता है।

    यदि आप नहीं थे तो "पासवर्ड भूल गए" से तुरंत नया पासवर्ड बनाएँ, लॉग इन करें, और { $provider } को अपने खाते से हटाएँ।
    .subject = { $provider } आपका खाता खोलता है
    .action = { $airline } पर जाएँ
mail-provider-confirmed = आपने { $provider } से साइन इन किया, जिसने पुष्टि की कि यह पता आपका है। इस पते का एक खाता था जिसकी पुष्टि कभी नहीं हुई; अब वह आपका है।

    जिसने भी उसे बनाया, शायद आपने, वह हर जगह से लॉग आउट है, और उसका पासवर्ड नहीं रहा। { $provider } के बिना लॉग इन करना हो तो "पासवर्ड भूल गए" से पासवर्ड बनाएँ।
    .subject = { $provider } आपका खाता खोलता है
    .action = { $airline } पर जाएँ
mail-account-deleted = आपका खाता, जैसा आपने चाहा, हटा दिया गया है। क़ानूनन जो रखना पड़ता है, जैसे बिल, उसमें अब आपका नाम नहीं है।
    .subject = आपका खाता हटा दिया गया
    .action = विदा

# डेमो का /dev/mailbox
mailbox-title = इस डेमो की डाक
mailbox-empty = अभी तक कोई डाक नहीं लिखी गई।

# सूचनाएँ: इनबॉक्स में और डाक से। `.title` विषय है। समय प्रस्थान-स्थल के स्थानीय हैं।
notice-end = ऐसे मेल अब नहीं चाहिए
unsubscribe-title = हमारे मेल
unsubscribe-ask = क्या हम आपको आगे से यह मेल न भेजें: { $kind }? साइन इन करने पर यह आपके इनबॉक्स में फिर भी मिलेगा।
unsubscribe-end = ये मेल बंद करें
unsubscribe-done = अब हम आपको यह मेल नहीं भेजेंगे: { $kind }। इसे अपने खाते में फिर से चालू किया जा सकता है।
unsubscribe-unknown = यह लिंक हमारा नहीं है, या इसका खाता अब नहीं है। क्या मेल किया जाए, यह आप अपने खाते में चुन सकते हैं।
unsubscribe-kind-payment = भुगतान
unsubscribe-kind-refund = वापस की गई राशि
unsubscribe-kind-delay = आपकी उड़ानों की देरी
unsubscribe-kind-gate = आपकी उड़ानों के गेट
unsubscribe-kind-check-in-open = चेक-इन खुलने की सूचना
unsubscribe-kind-check-in-reminder = चेक-इन की याद
unsubscribe-kind-support-answer = आपके प्रश्न का उत्तर आने की सूचना
unsubscribe-kind-price-drop = घटे हुए दाम
unsubscribe-kind-announcement = हमारी घोषणाएँ
notice-open = मेरी यात्राएँ खोलें
notice-pass = { $name } का बोर्डिंग पास: { $link }
notice-ticket-attached = टिकट संख्याओं सहित आपकी रसीद संलग्न है।
notice-date = { $day } { $month } { $year }
notice-flight = { $flight }: { $origin } से { $destination }, { $departs }
notice-confirmed = बुकिंग { $locator } पक्की हो गई है और टिकट जारी हो गए हैं।
    .title = बुकिंग { $locator } पक्की हो गई
notice-changed = बुकिंग { $locator } में अब दूसरी उड़ानें हैं और नए टिकट जारी हो गए हैं।
    .title = बुकिंग { $locator } बदल गई
notice-paid = बुकिंग { $locator } के लिए { $amount } का भुगतान हुआ।
    .title = भुगतान मिला: { $amount }
notice-declined = बुकिंग { $locator } के लिए { $amount } का भुगतान अस्वीकार हुआ और कोई राशि नहीं ली गई। जब तक सीटें रुकी हैं, फिर से या किसी और तरीके से कोशिश करें।
    .title = भुगतान अस्वीकार: { $amount }
notice-refund-ordered = बुकिंग { $locator } के { $amount } वहीं लौट रहे हैं जहाँ से आए थे। भेजे जाने पर हम बताएँगे।
    .title = वापसी चल रही है: { $amount }
notice-refunded = बुकिंग { $locator } के { $amount } आपको लौटा दिए गए। बैंक में दिखने में कुछ दिन लग सकते हैं।
    .title = राशि लौटाई गई: { $amount }
notice-refund-returned = बुकिंग { $locator } के { $amount } आपको लौटाए गए थे, पर वापस हमारे पास आ गए: आपके बैंक या कार्ड ने उन्हें नहीं लिया। राशि फिर भी आपकी ही है। हम दूसरा रास्ता ढूँढ़ रहे हैं, और भेजते ही आपको बताएँगे।
    .title = आपकी वापसी राशि हमारे पास लौट आई: { $amount }
notice-retimed = { $origin } से { $destination } की उड़ान { $flight } का समय बदल गया है: अब प्रस्थान { $departs } पर है{ $has-arrival ->
        [yes] { " " }और आगमन { $arrives } पर
       *[no] { "" }
    }। अपनी बुकिंग { $locator } में देखें कि बाकी यात्रा अब भी ठीक बैठती है या नहीं और कौन-सी दूसरी उड़ानें मिल सकती हैं।
    .title = { $destination } की उड़ान { $flight } का समय बदला
notice-delayed = { $origin } से { $destination } की उड़ान { $flight } देर से है: प्रस्थान { $expected } पर अपेक्षित है, तय समय { $departs } था। बुकिंग { $locator }।
    .title = { $destination } की उड़ान { $flight } देर से है
notice-on-time = { $origin } से { $destination } की उड़ान { $flight } अब समय पर है और { $departs } पर जाएगी। बुकिंग { $locator }।
    .title = { $destination } की उड़ान { $flight } अब समय पर है
notice-flight-cancelled = हमें खेद है: { $origin } से { $destination } की उड़ान { $flight }, { $departs }, रद्द हो गई है। दूसरी उड़ानें लेने या पैसे वापस पाने के लिए बुकिंग { $locator } खोलें।
    .title = { $destination } की उड़ान { $flight } रद्द
notice-reinstated = { $origin } से { $destination } की उड़ान { $flight } अब जाएगी, प्रस्थान { $departs } पर। बुकिंग { $locator }।
    .title = { $destination } की उड़ान { $flight } अब जाएगी
notice-booking-cancelled = बुकिंग { $locator } रद्द हो गई है। { $comes-back ->
        [yes] { $amount } वहीं लौटेंगे जहाँ से आए थे।
       *[no] इसका कुछ वापस नहीं आता।
    }
    .title = बुकिंग { $locator } रद्द
notice-partly-cancelled = बुकिंग { $locator } का एक हिस्सा रद्द हो गया है। { $comes-back ->
        [yes] { $amount } वहीं लौटेंगे जहाँ से आए थे।
       *[no] इसका कुछ वापस नहीं आता।
    } जो उड़ानें बाकी हैं:
    .title = बुकिंग { $locator } का एक हिस्सा रद्द
notice-offloaded = हमें खेद है: बुकिंग { $locator } के सभी यात्री { $origin } से { $destination } की उड़ान { $flight }, { $departs }, पर नहीं जा सकते। जिन्हें उड़ान से उतारा गया उनके बोर्डिंग पास अब मान्य नहीं हैं। काउंटर पर पूछें या बुकिंग खोलें: आप दूसरी उड़ान ले सकते हैं या अपना पैसा वापस पा सकते हैं।
    .title = { $destination } की उड़ान { $flight } के लिए आपका चेक-इन अब नहीं रहा
notice-gate = { $origin } से { $destination } की उड़ान { $flight } { $expected } पर गेट { $gate } से जाएगी। बुकिंग { $locator }।
    .title = { $destination } की उड़ान { $flight }: गेट { $gate }
notice-support-answered = हमने आपके प्रश्न { $ticket } का उत्तर दे दिया है। उत्तर पढ़ने या आगे पूछने के लिए उसे खोलें।
    .title = आपके प्रश्न का उत्तर आ गया
notice-announced = एयरलाइन ने कुछ बताया था, जो अब रखा नहीं गया है।
    .title = एक घोषणा
notice-price-dropped = { $has-flight ->
        [yes] { $date } को { $origin } से { $destination } की उड़ान { $flight }
       *[no] { $date } को { $origin } से { $destination } की यात्रा
    } अब { $amount } की है{ $has-was ->
        [yes] ; पहले { $was } की थी
       *[no] { "" }
    }। किराए बदलते रहते हैं: यह तब तक है जब तक कोई इसे ले न ले।
    .title = { $date } को { $destination } के लिए { $amount }
notice-check-in-open = { $origin } से { $destination } की उड़ान { $flight }, { $expected }, के लिए चेक-इन कर सकते हैं। बुकिंग { $locator }।
    .title = { $destination } की उड़ान { $flight } के लिए चेक-इन करें
notice-check-in-reminder = { $origin } से { $destination } की उड़ान { $flight } { $expected } पर{ $has-gate ->
        [yes] { " " }गेट { $gate } से
       *[no] { "" }
    } जाएगी, और बुकिंग { $locator } में सबका चेक-इन नहीं हुआ है। बंद होने से पहले चेक-इन करें।
    .title = { $flight } जल्द ही जाएगी: अभी चेक-इन करें

# डाक के लिंकों का पृष्ठ
callback-title = साइन इन हो रहा है
callback-trouble = यह नहीं हो पाया। फिर से शुरू करें।
callback-none = यहाँ करने को कुछ नहीं है। आरंभ से फिर शुरू करें।
callback-wait = एक क्षण …
callback-start = आरंभ पर जाएँ
callback-factor-title = अब आपका दूसरा प्रमाण
callback-code = आपके ऑथेंटिकेटर ऐप का कोड, या एक रिकवरी कोड
callback-go-on = आगे बढ़ें
callback-passkey = पासकी का उपयोग करें
callback-needs-script = इस पृष्ठ को JavaScript चाहिए।
pass-page-title = बोर्डिंग पास
pass-page-trouble = यह नहीं हो सका। फिर से प्रयास करें।
pass-page-none = अपने बोर्डिंग पास का पूरा लिंक खोलें।
pass-page-name = यात्री
pass-page-flight = उड़ान
pass-page-departs = प्रस्थान, स्थानीय समय
pass-page-gate = गेट
pass-page-seat = सीट
pass-page-apple = Apple Wallet में जोड़ें
pass-page-google = Google Wallet में जोड़ें
pass-page-apple-self-test = Apple Wallet के लिए यह केवल परीक्षण के हस्ताक्षर से है: कोई फ़ोन इसे नहीं लेगा।
pass-page-google-self-test = Google Wallet के लिए यह केवल परीक्षण के हस्ताक्षर से है: Google इसे नहीं लेगा।
pass-page-needs-script = इस पेज के लिए JavaScript चाहिए।
account-title = आपका खाता
account-trouble = यह नहीं हो पाया। फिर कोशिश करें।
account-done = हो गया। आप यह पृष्ठ बंद कर सकते हैं।
account-none = यहाँ करने को कुछ नहीं है। डाक का पूरा लिंक फिर से खोलें।
account-password = नया पासवर्ड
account-set = पासवर्ड लगाएँ
account-go-on = आगे बढ़ें
account-needs-script = इस पृष्ठ को JavaScript चाहिए।
faq-section-booking = बुकिंग
faq-section-payment = भुगतान
faq-section-changes = बदलाव और धन-वापसी
faq-section-check-in = चेक-इन और बोर्डिंग
faq-section-baggage = सामान
faq-section-disruption = देरी और रद्दीकरण
faq-section-assistance = सहायता
faq-section-account = खाता और डेटा
