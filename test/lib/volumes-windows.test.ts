import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPowerShell } from '../support/powershell.ts';

const script = readFileSync(new URL('../../lib/documents/volumes.ps1', import.meta.url), 'utf8');
const { errors, commands } = await readPowerShell(script);
const calls = (name: string): string[] => commands.flatMap((each) => (each.name === name ? [each.text] : []));

describe("the Windows half of the volumes' document", () => {
  it('is PowerShell', () => {
    expect(errors).toEqual([]);
    expect(commands.length).toBeGreaterThan(30);
  });

  it('says for each function of a module what an error does, since modules do not see the preference of a script', () => {
    const ofModules =
      /^(Get|Set|Remove|Write|Update)-(Disk|Volume|VolumeCache|Partition|PartitionAccessPath|BitLockerVolume)$/;
    const silent = commands.filter(
      ({ name, text }) => ofModules.test(name) && !text.includes('-ErrorAction'),
    );

    expect(silent).toEqual([]);
    expect(calls('Set-Disk').every((text) => text.includes('-ErrorAction Stop'))).toBe(true);
    // Its errors are caught by the function itself: https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-filehash
    expect(calls('Get-FileHash')).toEqual([]);
  });

  it('keeps nothing on the server that could be planted: only the volumes that it is given are ever taken offline', () => {
    expect(
      commands.filter(({ name }) => /^(New-Item|Get-ChildItem|Test-Path|Remove-Item)$/.test(name)),
    ).toEqual([]);
    expect(script).not.toContain('ProgramData');
    const offline = calls('Set-Disk').filter((text) => text.includes('-IsOffline $true'));
    expect(offline).toHaveLength(1);
  });

  it('refuses the disk that Windows runs from before it changes any', () => {
    for (const name of ['Enable-Copy', 'Disable-Copy']) {
      const body = new RegExp(`function ${name}[^]*?\\n}\\n`).exec(script)?.[0] ?? '';
      const guard = body.indexOf('Deny-OwnDisk $disk');
      expect(guard, name).toBeGreaterThan(0);
      expect(body.indexOf('Set-Disk'), name).toBeGreaterThan(guard);
    }
  });

  it('waits for what a disk shows only some time after it came online, and gives its letters back', () => {
    const waiting = commands.filter(({ name }) => name === 'Wait-Until').map(({ text }) => text);
    expect(waiting.filter((text) => text.includes('Get-Partition'))).toHaveLength(2);
    expect(waiting.filter((text) => text.includes('Get-Volume -'))).toHaveLength(1);
    expect(calls('Remove-PartitionAccessPath')).toHaveLength(1);
  });
});
