/// Where the national gateway gives out tokens, and where the services behind it are called.
///
/// Which of these have been seen and which are of our own: docs/systems.md.
public enum GatewayPath {
    public static let token = "/token"

    // MARK: Population

    /// Checks a citizen: POST, the request document as it is.
    public static let citizen = "/apiDanCu/1.0/xacThucThongTinCongDan"
    /// Whether there is such a citizen: SOAP.
    public static let citizenExistence = "/apiDanCu/1.0/soap/xacThuc"
    /// A citizen's personal data: SOAP.
    public static let citizenBackground = "/apiDanCu/1.0/soap/nhanThan"

    // MARK: Business register

    /// Details of an enterprise: GET with `msdn`.
    public static let enterprise = "/apiCSDLDKDN/1.0/chiTietDoanhNghiep"
    /// The query item of `enterprise`.
    public static let enterpriseNumber = "msdn"
    /// Filings between two days: GET with `from_date` and `to_date`.
    public static let filings = "/apiCSDLDKDN/1.0/danhSachHoSo"
    /// State of a filing: GET with `in_journal_no`.
    public static let filing = "/apiCSDLDKDN/1.0/tinhTrangHoSo"

    // MARK: Civil status

    public static let civilRegistration = "/apiHoTichTuPhap/dangKyHoTich"
    public static let civilCatalogue = "/apiHoTichTuPhap/danhMuc"
    public static let civilState = "/apiHoTichTuPhap/traTrangThaiHoSo"
    public static let civilResult = "/apiHoTichTuPhap/ketQuaDangKyHS"
    public static let civilReturn = "/apiHoTichTuPhap/traHoSo"
    public static let birth = "/apiHoTichTuPhap/khaiSinhLienThong"
    public static let birthCancellation = "/apiHoTichTuPhap/huyKhaiSinhLienThong"

    // MARK: Criminal records

    public static let recordApplication = "/apiLyLichTuPhap/nhanHoSoDangKy"
    public static let recordState = "/apiLyLichTuPhap/traTrangThaiHs"
    public static let recordCatalogue = "/apiLyLichTuPhap/traDanhMuc"

    // MARK: Social insurance

    public static let insuranceNumber = "/apiBHXH/getMaSoBhxhTheoTieuChi"
    public static let household = "/apiBHXH/getTraCuuThongTinHgd"
    public static let householdByNumber = "/apiBHXH/getTraCuuTtHgdByMaSoBhxh"
    public static let childCard = "/apiBHXH/capTheTreEm"
    public static let cardCancellation = "/apiBHXH/huyThe"
    public static let card = "/apiBHXH/traCuuThe"

    // MARK: Residence

    public static let residence = "/apiCuTru/traCuu"
    public static let residenceRegistration = "/apiCuTru/dangKy"
    public static let residenceCancellation = "/apiCuTru/huy"

    // MARK: Shared catalogues

    /// A catalogue: GET reads it, POST adds to it; its code is the last part of the path.
    public static let category = "/dmdc/Category/"
    /// The members of a catalogue's entries: GET; its code is the last part of the path.
    public static let metadata = "/dmdc/Metadata/"
    public static let categories = "/dmdc/1.0/AllCategory"

    // MARK: Others

    public static let postalOrder = "/apiVNPostNGSP/p1.0/order/post"
    public static let postalTracking = "/apiVNPostNGSP/p1.0/order/tracking"
    public static let payment = "/apiPayGov/1.0/redirectUrl"
    public static let budgetUnit = "/apiNganSach/donVi"
    public static let official = "/apiCanBo/traCuu"
    public static let parcelsOfOwner = "/apiDatDai/theoChu"
    public static let parcel = "/apiDatDai/thua"
    public static let report = "/apiBaoCao/nop"
    public static let reportState = "/apiBaoCao/trangThai"
}
