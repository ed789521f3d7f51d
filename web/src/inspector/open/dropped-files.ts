/** Maximum files of a dropped folder. */
const MOST_FILES = 2000;

/** All files of a drop, including those in folders. */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  // Read the entries before the first await: the list is cleared after the event.
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...data.files];
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return files;
}

async function collect(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (into.length >= MOST_FILES) return;
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry;
    into.push(await new Promise<File>((resolve, reject) => file.file(resolve, reject)));
  } else if (entry.isDirectory) {
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    const read = () =>
      new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    // A folder is listed in parts; an empty part ends it.
    for (let part = await read(); part.length > 0; part = await read()) {
      for (const each of part) await collect(each, into);
    }
  }
}
