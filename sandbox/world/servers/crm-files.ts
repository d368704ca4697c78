import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files on a data volume: enough to be a real tree, few enough to be made in a moment. */
const CUSTOMERS = 24;
const FILES_A_CUSTOMER = 12;

const NAMES = ['合同', 'offer', 'invoice', 'protocol of the visit', 'photo'];
const ENDINGS = ['pdf', 'docx', 'jpg', 'eml'];

/** Made files are of the past, a quarter of an hour apart. */
const FIRST_WRITTEN = Date.UTC(2026, 0, 5, 8);
const APART = 15 * 60_000;

/**
 * Writes what a CRM keeps beside its database: attachments by customer, with names as people give them (spaces, Chinese), some empty, some
 * of a few KiB. The same in every rehearsal.
 */
export async function writeCrmFiles(folder: string, server: string, customers = CUSTOMERS): Promise<void> {
  let made = 0;
  for (let customer = 1; customer <= customers; customer += 1) {
    const own = join(folder, 'attachments', `customer-${String(customer).padStart(4, '0')}`);
    await mkdir(own, { recursive: true });
    for (let file = 1; file <= FILES_A_CUSTOMER; file += 1) {
      made += 1;
      const name = `${NAMES[made % NAMES.length]} ${file}.${ENDINGS[made % ENDINGS.length]}`;
      const line = `${server} customer ${customer} file ${file}\n`;
      const path = join(own, name);
      await writeFile(path, line.repeat(made % 97));
      const written = new Date(FIRST_WRITTEN + made * APART);
      await utimes(path, written, written);
    }
    await utimes(own, FIRST_WRITTEN / 1000, FIRST_WRITTEN / 1000);
  }
  await mkdir(join(folder, 'lost+found'));
  for (const path of ['attachments', 'lost+found', ''])
    await utimes(join(folder, path), FIRST_WRITTEN / 1000, FIRST_WRITTEN / 1000);
}
