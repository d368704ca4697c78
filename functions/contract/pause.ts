/** A short wait inside of a call, in milliseconds; whatever may take longer is waited for by the workflow. */
export async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
