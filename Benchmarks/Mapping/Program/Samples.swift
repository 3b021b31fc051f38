/// Documents of the field with invented contents, each different from the others.
enum Samples {
    /// An electronic document of about so many bytes: receivers are added until it is that long.
    static func document(_ number: Int, bytes: Int) -> String {
        let start = """
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>
            <From><OrganId>000.00.01.H03</OrganId><OrganName>Văn phòng UBND tỉnh Mẫu</OrganName>\
            <Email>vanphong@example.gov.vn</Email><Telephone/></From>

            """
        let end = """
            <DocumentId>000.00.01.H03,2024/03/15,\(number)/VP-TH</DocumentId>
            <Code><CodeNumber>\(number)</CodeNumber><CodeNotation>VP-TH</CodeNotation></Code>
            <PromulgationInfo><Place>Mẫu</Place><PromulgationDate>2024/03/15</PromulgationDate></PromulgationInfo>
            <DocumentType><Type>2</Type><TypeDetail>18</TypeDetail><TypeName>Công văn</TypeName></DocumentType>
            <Subject>Về việc phối hợp cung cấp số liệu quý \(number % 4 + 1) năm 2024</Subject>
            <SignerInfo><Position>Phó Chánh Văn phòng</Position><FullName>Nông Văn Mẫu</FullName></SignerInfo>
            <DueDate>2024/03/25</DueDate>
            <OtherInfo><Priority>\(number % 3)</Priority><PageAmount>2</PageAmount></OtherInfo>
            </MessageHeader><TraceHeaderList>
            <TraceHeader><OrganId>000.00.01.H03</OrganId><Timestamp>2024/03/15 09:12:44</Timestamp></TraceHeader>
            <Bussiness><BussinessDocType>0</BussinessDocType><Paper>0</Paper></Bussiness></TraceHeaderList>
            </edXMLHeader></edXMLEnvelope></edXML>
            """
        var text = start
        var receiver = 0
        repeat {
            text += """
                <To><OrganId>000.00.\(receiver + 10).H55</OrganId><OrganizationInCharge>UBND tỉnh Thử</OrganizationInCharge>\
                <OrganName>Sở số \(receiver) tỉnh Thử</OrganName><OrganAdd/><Email>so\(receiver)@example.gov.vn</Email>\
                <Telephone/></To>

                """
            receiver += 1
        } while text.utf8.count + end.utf8.count < bytes
        return text + end
    }

    /// A packet of dossiers of about so many bytes: dossiers are added until it is that long.
    static func packet(_ number: Int, bytes: Int) -> String {
        var text =
            #"{"session": "S", "madonvi": "000.00.00.H44", "service": "DongBoHoSoMC", "isUpdating": "False", "data": ["#
        var dossier = 0
        repeat {
            text += (dossier == 0 ? "" : ",") + Self.dossier("\(number)-\(dossier)")
            dossier += 1
        } while text.utf8.count < bytes
        return text + "]}"
    }

    /// Written without white space, as programs do.
    private static func dossier(_ number: String) -> String {
        """
        {"MaHoSo":"000.00.14.H44-240315-\(number)","MaTTHC":"1.004873",\
        "TenTTHC":"Cấp Giấy xác nhận tình trạng hôn nhân","MaLinhVuc":"G15-HT03","TenLinhVuc":"Hộ tịch",\
        "KenhThucHien":"2","SoGiayToChuHoSo":"001000000001","ChuHoSo":"Trần Thị Mẫu","LoaiDoiTuong":"1",\
        "MaDoiTuong":"","DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"001000000001"}],\
        "Email":"Mau@example.vn","SoDienThoai":"0900000002","TrichYeuHoSo":"Xác nhận tình trạng hôn nhân",\
        "NgayTiepNhan":"20240315081500","NgayHenTra":"20240320170000","TrangThaiHoSo":"2","NgayTra":"",\
        "ThongTinTra":"","HinhThuc":"0","NgayKetThucXuLy":"","DonViXuLy":"UBND phường Mẫu, tỉnh Phú Thọ",\
        "NoiNopHoSo":"1","HoSoCoThanhPhanSoHoa":"1","TaiKhoanDuocXacThucVoiVNeID":"1",\
        "DuocThanhToanTrucTuyen":"0","GhiChu":"","TaiLieuNop":[\
        {"TepDinhKemId":"1","TenTepDinhKem":"to_khai.pdf","IsDeleted":"False","MaThanhPhanHoSo":"KQ.G15.000001",\
        "DuongDanTaiTepTin":"https://mcdt.example.vn/f/\(number)","DuocSoHoa":"1","DuocTaiSuDung":"0",\
        "DuocLayTuKhoDMQG":"0","MaKetQuaThayThe":""}],\
        "DanhSachLePhi":[{"TenPhiLePhi":"Lệ phí","MaPhiLePhi":"LP01","HinhThucThu":"1","Gia":"15000","LoaiPhiLePhi":"2"}],\
        "DanhSachTepDinhKemKhac":[],"DanhSachHoSoBoSung":[],"DanhSachGiayToKetQua":[],"DSKetNoiCSDL":[{"MaCSDL":"DC"}]}
        """
    }
}
