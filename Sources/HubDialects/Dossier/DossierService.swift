/// Where the national portal's dossier services are spoken to (DOMAIN 3.1).
public enum DossierPath {
    public static let login = "/XrdAdapter/RestService/forward/mapi/login"
    /// All services but the login go here; the packet names the service.
    public static let services = "/XrdAdapter/RestService/forward/mapi/g"
    /// The query item of the login and the header of the services that say where the packet goes.
    public static let destinationName = "dstcode"
    /// The national portal behind the adapter.
    public static let nationalPortal = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
}

/// The services of the national portal that are in use here.
public enum DossierService: String, CaseIterable, Sendable {
    case sync = "DongBoHoSoMC"
    case progress = "CapNhatTienDoHoSoMC"
    case lookup = "TraCuuHoSo"
}
