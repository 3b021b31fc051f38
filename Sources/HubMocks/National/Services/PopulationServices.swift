import HubDialects
import HubJSON
import HubModel
import HubXML

/// The national population database: REST with XML inside JSON, and SOAP.
enum PopulationServices {
    static let all = [
        GatewayService("POST", GatewayPath.citizen, Self.verify),
        GatewayService("POST", GatewayPath.citizenExistence, Self.exists),
        GatewayService("POST", GatewayPath.citizenBackground, Self.background),
    ]

    private static let soap = "http://schemas.xmlsoap.org/soap/envelope/"

    @Sendable private static func verify(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let question = CitizenQuestion(call.json) else {
            let refusal = CitizenAnswer(errorCode: "2", message: "Yêu cầu không hợp lệ")
            return GatewayAnswer(reply: .json(refusal.encoded()), isFound: false)
        }
        let xml = Citizens(call).xml(of: question)
        let answer = xml.map { CitizenAnswer(errorCode: "0", message: $0) } ?? .notFound
        return GatewayAnswer(reply: .json(answer.encoded()), isFound: xml != nil)
    }

    /// There is such a citizen when number, name and birthday fit.
    @Sendable private static func exists(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let question = Self.question(call, "XacThucThongTinCongDanRequest") else {
            return Self.soapFault
        }
        let asked = Self.citizen(question)
        let isThere = asked.flatMap { Citizens(call).face(of: $0) } != nil && asked?.name != nil
        return Self.envelope(
            "<q:KetQuaXacThucResponse xmlns:q=\"http://dancuquocgia.bca\"><q:TonTai>\(isThere)</q:TonTai>"
                + "</q:KetQuaXacThucResponse>", isFound: isThere
        )
    }

    @Sendable private static func background(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let question = Self.question(call, "XacMinhThongTinNhanThanRequest") else {
            return Self.soapFault
        }
        let xml = Self.citizen(question).flatMap { Citizens(call).xml(of: $0) }
        return Self.envelope(
            xml ?? "<CongdanCollection xmlns=\"\(Citizens.namespace)\"/>", isFound: xml != nil)
    }

    private static func question(_ call: GatewayCall, _ name: String) -> XMLElement? {
        guard let root = (try? XMLDocument.parse(call.request.body))?.root,
            root.isNamed("Envelope", in: Self.soap)
        else {
            return nil
        }
        return root.child("Body")?.child(name)
    }

    /// Who is asked for; `nil` without a number.
    private static func citizen(_ question: XMLElement) -> CitizenQuestion? {
        func text(_ name: String) -> String? { question.child(name)?.text }
        return (text("SoDinhDanh") ?? text("SoCMND")).map { number in
            CitizenQuestion(
                name: text("HoVaTen"), number: number, birthday: text("NgayThangNam"), year: text("Nam"))
        }
    }

    private static func envelope(_ body: String, isFound: Bool, status: Int = 200) -> GatewayAnswer {
        let text =
            "<soapenv:Envelope xmlns:soapenv=\"\(Self.soap)\"><soapenv:Body>\(body)</soapenv:Body></soapenv:Envelope>"
        return GatewayAnswer(
            reply: PlatformReply(
                status: status, contentType: "text/xml; charset=utf-8", body: Array(text.utf8)),
            isFound: isFound
        )
    }

    private static var soapFault: GatewayAnswer {
        Self.envelope(
            "<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>Yêu cầu không hợp lệ</faultstring>"
                + "</soapenv:Fault>", isFound: false, status: 500
        )
    }
}

/// Citizens as the population database shows them: those invented, and children whose birth was registered here.
struct Citizens {
    static let namespace = "http://www.mic.gov.vn/dancu/1.0"

    let call: GatewayCall

    /// What the database says of somebody.
    struct Face {
        let number: String
        let family: String
        let middle: String
        let given: String
        /// 1 male, 2 female, 3 other.
        let sex: String
        /// `yyyyMMdd`.
        let birthday: String
        let commune: String
        let detail: String
        let relation: String

        var name: String {
            [self.family, self.middle, self.given].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    init(_ call: GatewayCall) {
        self.call = call
    }

    /// Somebody by all that is said of them.
    ///
    /// - Returns: `nil` also where the number has another name or birthday: whoever does not know a person already learns
    ///   nothing of them, not even that the number is somebody's.
    func face(of question: CitizenQuestion) -> Face? {
        guard let face = self.face(of: question.number) else { return nil }
        let fits = [
            question.name.map { $0 == face.name }, question.birthday.map { $0 == face.birthday },
            question.year.map { !$0.isEmpty && face.birthday.hasPrefix($0) },
        ]
        return fits.contains(false) ? nil : face
    }

    /// - Returns: `nil` for a number that nobody has, and for a child whose registration was cancelled.
    private func face(of number: String) -> Face? {
        let register = GatewayRegister.civilStatus
        if let key = self.call.records.key(in: register, of: GatewayEntry.digest(ofNumber: number)),
            let record = self.call.records[register, key]
        {
            return record.isCancelled ? nil : self.child(number, record)
        }
        return self.call.registry.citizen(number).map { citizen in
            let person = citizen.person
            return Face(
                number: number, family: person.family, middle: person.middle, given: person.given,
                sex: person.isFemale ? "2" : "1", birthday: person.birthday, commune: person.commune,
                detail: person.detail, relation: "01"
            )
        }
    }

    private func child(_ number: String, _ record: GatewayRecord) -> Face? {
        guard let birth = self.call.content(of: record), let name = birth["nksHoTen"]?.string else {
            return nil
        }
        let words = name.uppercased().split(separator: " ").map(String.init)
        let day = (birth["nksNgaySinh"]?.string ?? "").split(separator: "/")
        return Face(
            number: number, family: words.first ?? "",
            middle: words.dropFirst().dropLast().joined(separator: " "),
            given: words.count > 1 ? words.last ?? "" : "", sex: birth["nksGioiTinh"]?.string ?? "3",
            birthday: day.reversed().joined(), commune: "07900", detail: birth["meNoiCuTru"]?.string ?? "",
            relation: "03"
        )
    }

    /// The collection of one, as the database answers (DOMAIN 4.3).
    func xml(of question: CitizenQuestion) -> String? {
        self.face(of: question).map { face in
            func element(_ name: String, _ text: String) -> String {
                text.isEmpty ? "<\(name)/>" : "<\(name)>\(XMLText.escaped(text))</\(name)>"
            }
            let isOld = face.number.utf8.count == 9
            return """
                <CongdanCollection xmlns="\(Self.namespace)"><CongDan>\
                \(element("SoDinhDanh", isOld ? "" : face.number))\(element("SoCMND", isOld ? face.number : ""))\
                <HoVaTen>\(element("Ho", face.family))\(element("ChuDem", face.middle))\
                \(element("Ten", face.given))</HoVaTen>\(element("GioiTinh", face.sex))\
                <DanToc>01</DanToc><TonGiao>00</TonGiao><TinhTrangHonNhan>1</TinhTrangHonNhan><NhomMau>00</NhomMau>\
                <NgayThangNamSinh>\(element("Nam", String(face.birthday.prefix(4))))\
                \(element("NgayThangNam", face.birthday))</NgayThangNamSinh>\
                <ThuongTru><MaTinhThanh>25</MaTinhThanh><MaQuanHuyen>227</MaQuanHuyen>\
                \(element("MaPhuongXa", face.commune))\(element("ChiTiet", face.detail))\
                <QuocGia>VN</QuocGia></ThuongTru><QuocTich>VN</QuocTich><ChuHo>\(element("QuanHe", face.relation))</ChuHo>\
                </CongDan></CongdanCollection>
                """
        }
    }
}
