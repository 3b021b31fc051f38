/// Packets of the one-stop shop as text, small and valid, for tests to send and to spoil.
public enum DossierText {
    /// The code of dossier `number`.
    public static func code(_ number: Int) -> String {
        let digits = String(number)
        return "000.00.14.H44-240315-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A new dossier.
    public static func sync(_ number: Int = 1, agency: String = "000.00.00.H44") -> [UInt8] {
        let text = """
            {
              "madonvi": "\(agency)",
              "service": "DongBoHoSoMC",
              "isUpdating": "False",
              "data": [
                {
                  "MaHoSo": "\(Self.code(number))",
                  "MaTTHC": "1.004873",
                  "TenTTHC": "Cấp Giấy xác nhận tình trạng hôn nhân",
                  "MaLinhVuc": "G15-HT03",
                  "TenLinhVuc": "Hộ tịch",
                  "KenhThucHien": "2",
                  "ChuHoSo": "Trần Thị Mẫu",
                  "LoaiDoiTuong": "1",
                  "TrichYeuHoSo": "Xác nhận tình trạng hôn nhân",
                  "NgayTiepNhan": "20240315081500",
                  "NgayHenTra": "20240320170000",
                  "TrangThaiHoSo": "2",
                  "HinhThuc": "0",
                  "DonViXuLy": "UBND phường Mẫu, tỉnh Phú Thọ",
                  "NoiNopHoSo": "1"
                }
              ]
            }

            """
        return Array(text.utf8)
    }

    /// One step in the progress of a dossier.
    public static func progress(
        _ number: Int = 1, state: String = "4", time: String = "20240315093000", agency: String = "000.00.00.H44"
    ) -> [UInt8] {
        let text = """
            {
              "madonvi": "\(agency)",
              "service": "CapNhatTienDoHoSoMC",
              "isUpdating": "False",
              "data": [
                {
                  "MaHoSo": "\(Self.code(number))",
                  "NguoiXuLy": "Lê Văn Thử",
                  "ChucDanh": "Công chức tư pháp - hộ tịch",
                  "ThoiDiemXuLy": "\(time)",
                  "PhongBanXuLy": "Bộ phận một cửa",
                  "NoiDungXuLy": "Thẩm định hồ sơ",
                  "TrangThai": "\(state)"
                }
              ]
            }

            """
        return Array(text.utf8)
    }

    /// The question after a citizen.
    public static func citizen(agency: String = "000.00.14.H44", card: String = "001000000001") -> [UInt8] {
        let text = """
            {
              "madonvi": "\(agency)",
              "HoVaTen": "TRẦN THỊ MẪU",
              "SoDinhDanh": "\(card)",
              "NgayThangNam": "19900101",
              "MaDVC": "1.004873",
              "MaCanBo": "CB-0001",
              "MaYeuCau": "YC-20240315-0001"
            }

            """
        return Array(text.utf8)
    }
}
