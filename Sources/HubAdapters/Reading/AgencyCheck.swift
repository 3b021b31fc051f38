package import HubModel

/// Holds the agencies that systems claim to speak for against a directory, on one day.
package struct AgencyCheck: Sendable {
    private let directory: AgencyDirectory
    private let day: CivilDate

    package init(_ directory: AgencyDirectory, on day: CivilDate) {
        self.directory = directory
        self.day = day
    }

    /// Who is meant by the code of an agency.
    package func resolve(_ text: String) -> AgencyCode? {
        if case .found(let code) = self.directory.resolve(text, on: self.day) { code } else { nil }
    }

    /// The agencies that the directory does not know or that were closed, each at its place.
    func faults(of draft: AdapterDraft) -> [SettingsFault] {
        draft.agencies.compactMap { code, place in
            switch self.directory.resolve(code.text, on: self.day) {
            case .found: return nil
            case .closed(_, let since):
                return SettingsFault(file: draft.file, place: place, message: "The agency \(code) was closed on \(since).")
            case .unknown:
                let known = self.directory.all.map(\.code).filter { $0.root == code.root }.map(\.text)
                return SettingsFault(
                    file: draft.file, place: place, message: "The agency \(code) is not in the directory of agencies.",
                    suggestion: SettingsReader.nearest(to: code.text, among: known)
                )
            }
        }
    }
}
