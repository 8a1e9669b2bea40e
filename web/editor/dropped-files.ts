/** A file of the learner's computer, and where it goes below the folder it is put into. */
export interface LocalFile {
  readonly path: string;
  readonly file: File;
}

/** Files in one go; more are for an archive. */
const MOST_FILES = 500;

/** Everything dropped, folders with what is in them. Must be called while the event is handled. */
export async function droppedFiles(data: DataTransfer): Promise<readonly LocalFile[]> {
  // The browser empties the list as soon as the event is over.
  const items = [...data.items].map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
  const found: LocalFile[] = [];
  for (const { entry, file } of items) {
    if (entry) await collect(entry, '', found);
    // What a page or a program drags comes without a place on the disk.
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

export function hasFiles(data: DataTransfer): boolean {
  return data.types.includes('Files');
}

async function collect(entry: FileSystemEntry, folder: string, found: LocalFile[]): Promise<void> {
  if (found.length >= MOST_FILES) return;
  const path = folder + entry.name;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path, file });
    return;
  }
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // A browser gives a hundred at a time, and nothing at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const one of some) await collect(one, `${path}/`, found);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
